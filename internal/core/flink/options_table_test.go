package flink

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// optionNames are the types of Java by the names of optionTypes.
var optionNames = map[string]string{
	"String": "text", "MemorySize": "memory", "Duration": "duration", "Float": "float", "Double": "double", "Integer": "integer", "Long": "long",
	"Boolean": "boolean", "Map": "map",
}

// notOptions are names that classes of Flink give to options which stand below other
// keys; by themselves they are anybody's.
var notOptions = []string{"<parameter>", "enabled", "interval", "external-resources"}

// declared is an option as one class of Flink declares it.
type declared struct {
	// name is its type as config_options.txt has it.
	name string
	// former are its deprecated keys.
	former []string
}

// declarations are those of an answer. Lists of anything but texts and enums are texts.
func declarations(t testing.TB, key, answer string) []declared {
	t.Helper()
	var all []declared
	for declaration := range strings.SplitSeq(answer, " | ") {
		if declaration == "" {
			continue
		}
		java, keys, _ := strings.Cut(declaration, "\t")
		element, isList := strings.CutPrefix(java, "list ")
		enum, isEnum := strings.CutPrefix(element, "enum ")
		name := optionNames[java]
		switch {
		case isList && isEnum:
			name = "list(" + enum + ")"
		case isEnum:
			name = "enum(" + enum + ")"
		case isList && element == "String":
			name = "list"
		case isList:
			name = "text"
		}
		if name == "" {
			t.Fatalf("%s has a type that nobody reads: %s", key, answer)
		}
		one := declared{name: name}
		for former := range strings.SplitSeq(keys, ",") {
			if former != "" && !strings.HasPrefix(former, "or ") {
				one.former = append(one.former, former)
			}
		}
		all = append(all, one)
	}
	return all
}

// agreed is the type that several declarations have, where texts do not count: older
// classes declare many an option as one.
func agreed(names []string) string {
	slices.Sort(names)
	names = slices.Compact(slices.DeleteFunc(names, func(name string) bool { return name == "text" }))
	if len(names) == 1 {
		return names[0]
	}
	return "text"
}

// optionLines are config_options.txt as Flink's classes have it.
func optionLines(t testing.TB, table javaTable) string {
	t.Helper()
	types := map[string][]string{}
	for i := range javaReleases {
		own, former := map[string][]string{}, map[string][]string{}
		for key, answers := range table.options {
			if slices.Contains(notOptions, key) {
				continue
			}
			for _, d := range declarations(t, key, answers[i]) {
				own[key] = append(own[key], d.name)
				for _, name := range d.former {
					former[name] = append(former[name], d.name)
				}
			}
		}
		// A former name is read by the key that replaces it.
		maps.Copy(own, former)
		for key, names := range own {
			if types[key] == nil {
				types[key] = slices.Repeat([]string{"-"}, len(javaReleases))
			}
			types[key][i] = agreed(names)
		}
	}
	var lines strings.Builder
	for _, key := range slices.Sorted(maps.Keys(types)) {
		lines.WriteString(key)
		before := "-"
		for i, name := range types[key] {
			if name != before {
				fmt.Fprintf(&lines, " %s:%s", javaReleases[i].version(t), name)
			}
			before = name
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

// Every former name that Flink reads leads to its key. Those that stand for two keys, or
// that a later version renamed again, have no single present name.
func TestAliasesAreThoseOfFlink(t *testing.T) {
	twoKeys := []string{"web.port", "jobmanager.web.port", "jobmanager.web.address", "state.backend.local-recovery"}
	for key, answers := range recordedTable(t).options {
		for i, answer := range answers {
			version := javaReleases[i].version(t)
			for _, d := range declarations(t, key, answer) {
				for _, former := range d.former {
					renamedAgain := keyIn(&version, key) == key && CanonicalKey(key) != key
					if keyIn(&version, former) != keyIn(&version, key) && !renamedAgain && !slices.Contains(twoKeys, former) && !strings.HasPrefix(former, "recovery.") {
						t.Errorf("%s is read as %s by %s, and not here", former, key, version)
					}
				}
			}
		}
	}
	for former, entry := range aliases().byFormer {
		if ReadByOperator(former) {
			continue
		}
		for _, version := range readVersions {
			if entry.readBy(version) && optionOf(version, former).kind == typeNone && optionOf(version, entry.present).kind != typeNone {
				t.Errorf("%s is no name of %s to %s", former, entry.present, version)
			}
		}
	}
}

func TestOptionsAreThoseOfFlink(t *testing.T) {
	want := optionLines(t, recordedTable(t))
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(optionsTable, "\n")); diff != "" {
		t.Errorf("config_options.txt is not what %s has (-Flink +file); `make values record=yes` writes both:\n%s", javaTableFile, diff)
	}
}
