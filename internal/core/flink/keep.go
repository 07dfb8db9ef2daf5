package flink

// Keep returns to in the words of from: where a value means the same in both,
// the text of from stands. The operator compares texts, so writing "2048m" in
// place of "2g" would restart a job for nothing. A restart nonce stays when
// nobody asks for another one: operators before 1.8 restart a job when its nonce
// goes (SpecDiff.onNullIgnore came with 1.8).
func Keep(from, to Tree) Tree {
	k := keeper{differ{version: versionOf(from, to)}}
	kept, _ := k.value(specScope, from, to).(Tree)
	if kept == nil {
		kept = Tree{}
	}
	if nonce, had := from[restartNonce]; had && kept[restartNonce] == nil {
		kept[restartNonce] = nonce
	}
	return kept
}

type keeper struct{ differ }

func (k keeper) value(in scope, from, to any) any {
	if from == nil {
		return to
	}
	if in.kind == scopeConfiguration {
		return k.configuration(from, to)
	}
	probe := differ{version: k.version}
	if probe.values(in, nil, from, to); len(probe.changes) == 0 {
		return from
	}
	after, ok := in.meaning(to).(map[string]any)
	before, alsoObject := in.meaning(from).(map[string]any)
	if !ok || !alsoObject {
		return to
	}
	kept := make(Tree, len(after))
	for key, value := range after {
		kept[key] = k.value(in.step(key), before[key], value)
	}
	return kept
}

// configuration keeps the names and values of keys that Flink reads as equal.
func (k keeper) configuration(from, to any) Tree {
	before, after := k.differ.configuration(Flatten(from)), k.differ.configuration(Flatten(to))
	kept := make(Tree, len(after))
	for key, is := range after {
		if was, had := before[key]; had && ReaderOf(k.version).Same(key, was.value, is.value) {
			is = was
		}
		kept[is.name] = is.value
	}
	return kept
}
