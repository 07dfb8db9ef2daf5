package flink

// Observe returns what a live specification says at the paths of the applied
// one: applied's own text where both mean the same, live's value where they
// differ, nothing where live has none. What others added to live is left out.
// Objects in lists are compared one by one while the lists are of one length;
// else the live list shows whole. A nested flinkConfiguration comes back with
// dotted keys. The result shares its values with the arguments.
func Observe(applied, live Tree) Tree {
	o := observer{differ{version: versionOf(applied, live)}}
	return o.object(specScope, applied, live)
}

type observer struct{ differ }

func (o observer) object(in scope, applied, live map[string]any) map[string]any {
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
func (o observer) value(in scope, own, live any) any {
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
		return own
	}
	return live
}

func (o observer) list(in scope, own, meant, found any) any {
	applied, _ := meant.([]any)
	live, _ := found.([]any)
	if len(applied) != len(live) || !holdsObjects(applied) {
		if sameValue(in, meant, found) {
			return own
		}
		return live
	}
	seen := make([]any, len(applied))
	for i := range applied {
		seen[i] = o.value(in, applied[i], live[i])
	}
	return seen
}

func (o observer) configurationOf(own, live any) any {
	exact := Flatten(live)
	found := o.configuration(exact)
	seen := map[string]any{}
	for name, text := range Flatten(own) {
		if value, ok := exact[name]; ok {
			seen[name] = ownOr(name, text, value)
			continue
		}
		if value, ok := found[keyIn(o.version, name)]; ok {
			seen[name] = ownOr(name, text, value.value)
		}
	}
	if len(seen) == 0 && live == nil {
		return nil
	}
	return seen
}

func ownOr(key, own, live string) string {
	if SameConfigValue(key, own, live) {
		return own
	}
	return live
}
