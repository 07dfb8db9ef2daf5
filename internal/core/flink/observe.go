package flink

import "slices"

// Observe returns what a live specification says at the paths of the applied
// one: applied's own text where both mean the same, live's value where they
// differ, nothing where live has none. What others added to live is left out.
// Objects in lists are compared one by one while the lists are of one length;
// else the live list shows whole. A nested flinkConfiguration comes back with
// dotted keys. The result shares its values with the arguments.
func Observe(applied, live Tree) Tree {
	seen, _ := ObserveWords(applied, live)
	return seen
}

// ObserveWords returns what Observe returns, and the same in the words of live;
// nil words where live writes every value that means the same as applied does.
func ObserveWords(applied, live Tree) (seen, words Tree) {
	o := observer{differ: differ{version: versionOf(applied, live)}}
	seen = o.object(specScope, applied, live)
	if !o.respelled {
		return seen, nil
	}
	inLiveWords := observer{differ: o.differ, liveWords: true}
	return seen, inLiveWords.object(specScope, applied, live)
}

type observer struct {
	differ
	// liveWords returns live's text where both mean the same.
	liveWords bool
	// respelled tells that live has other words for a value somewhere.
	respelled bool
}

// either returns one of two values that mean the same.
func (o *observer) either(own, live any) any {
	if wordsDiffer(own, live) {
		o.respelled = true
	}
	if o.liveWords {
		return live
	}
	return own
}

// wordsDiffer tells whether two values that mean the same are written in other
// words. Empty and absent ones are no words.
func wordsDiffer(a, b any) bool {
	first, isList := a.([]any)
	second, alsoList := b.([]any)
	if isList && alsoList {
		return !slices.EqualFunc(first, second, func(x, y any) bool { return !wordsDiffer(x, y) })
	}
	if isObject(a) || isObject(b) || isList || alsoList {
		return false
	}
	number, isNumber := numberText(a)
	other, alsoNumber := numberText(b)
	if isNumber && alsoNumber {
		return number != other
	}
	return a != b
}

func (o *observer) object(in scope, applied, live map[string]any) map[string]any {
	seen := make(map[string]any, len(applied))
	for key, own := range applied {
		if own == nil {
			continue
		}
		if value := o.value(in.step(key), own, in.counterpart(key, applied, live)); value != nil {
			seen[key] = value
		}
	}
	return seen
}

// value returns what live says where own was applied; nil for nothing.
func (o *observer) value(in scope, own, live any) any {
	if in.kind == scopeConfiguration {
		return o.configurationOf(own, live)
	}
	meant, found := in.meaning(own), in.meaning(live)
	switch {
	case meant == nil && (found == nil || in.userKeys && isObject(own, found)):
		return own
	case found == nil:
		return nil
	case meant == nil:
		return live
	case isObject(meant, found):
		applied, _ := meant.(map[string]any)
		live, _ := found.(map[string]any)
		return o.object(in, applied, live)
	case isList(meant, found):
		return o.list(in, own, meant, found)
	case in.sameScalar(meant, found):
		return o.either(own, live)
	}
	return live
}

func (o *observer) list(in scope, own, meant, found any) any {
	applied, _ := meant.([]any)
	live, _ := found.([]any)
	if len(applied) != len(live) || !holdsObjects(applied) {
		if sameValue(in, meant, found) {
			return o.either(own, live)
		}
		return live
	}
	seen := make([]any, len(applied))
	for i := range applied {
		seen[i] = o.value(in, applied[i], live[i])
	}
	return seen
}

func (o *observer) configurationOf(own, live any) any {
	exact := Flatten(live)
	found := o.configuration(exact)
	seen := map[string]any{}
	for name, text := range Flatten(own) {
		if value, ok := exact[name]; ok {
			seen[name] = o.ownOr(name, text, value)
			continue
		}
		if value, ok := found[keyIn(o.version, name)]; ok {
			seen[o.nameOf(name, value.name)] = o.ownOr(name, text, value.value)
		}
	}
	if len(seen) == 0 && live == nil {
		return nil
	}
	return seen
}

func (o *observer) ownOr(key, own, live string) string {
	if own != live && ReaderOf(o.version).Same(key, own, live) {
		o.respelled = true
		if !o.liveWords {
			return own
		}
	}
	return live
}

// nameOf returns one of two names of a key.
func (o *observer) nameOf(own, live string) string {
	o.respelled = true
	if o.liveWords {
		return live
	}
	return own
}
