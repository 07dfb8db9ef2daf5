package flink

// Keep returns new in the words of old: where a value means the same in both,
// the text of old stands. The operator compares texts, so writing "2048m" in
// place of "2g" would restart a job for nothing.
func Keep(old, new Tree) Tree {
	k := keeper{differ{version: versionOf(old, new)}}
	kept, _ := k.value(specScope, old, new).(Tree)
	if kept == nil {
		return Tree{}
	}
	return kept
}

type keeper struct{ differ }

func (k keeper) value(in scope, old, new any) any {
	if old == nil {
		return new
	}
	if in.kind == scopeConfiguration {
		return k.configuration(old, new)
	}
	probe := differ{version: k.version}
	if probe.values(in, nil, old, new); len(probe.changes) == 0 {
		return old
	}
	after, ok := in.meaning(new).(map[string]any)
	before, alsoObject := in.meaning(old).(map[string]any)
	if !ok || !alsoObject {
		return new
	}
	kept := make(Tree, len(after))
	for key, value := range after {
		kept[key] = k.value(in.step(key), before[key], value)
	}
	return kept
}

// configuration keeps the names and values of keys that Flink reads as equal.
func (k keeper) configuration(old, new any) Tree {
	before, after := k.differ.configuration(Flatten(old)), k.differ.configuration(Flatten(new))
	kept := make(Tree, len(after))
	for key, is := range after {
		if was, had := before[key]; had && SameConfigValue(key, was.value, is.value) {
			is = was
		}
		kept[is.name] = is.value
	}
	return kept
}
