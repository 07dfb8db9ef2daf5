package fko

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// keyValue is the key and the value of a question about one.
func keyValue(t *testing.T, question string) (key, value string) {
	t.Helper()
	var pair map[string]string
	if err := json.Unmarshal([]byte(question), &pair); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	for key, value = range pair {
		return key, value
	}
	t.Fatalf("%s asks nothing", question)
	return "", ""
}

// Whether the operator reads a value of a key of its own does not depend on the version
// of Flink that it deploys.
func TestKeysAsTheOperator(t *testing.T) {
	eachAnswer(t, "key", 1000, func(t *testing.T, a answer) string {
		key, value := keyValue(t, a.question)
		for _, version := range []*flink.Version{nil, {Major: 1, Minor: 18}, {Major: 2, Minor: 3}} {
			reading := flink.ReaderOf(version).Read(key, value)
			if want := a.text != "throws"; want != (reading.Outcome == flink.OutcomeRead) {
				return fmt.Sprintf("for Flink %v it is %d here, expected %q", version, reading.Outcome, reading.Expected)
			}
		}
		return ""
	})
}

// Two values are the same when each operator that knows the key makes one of them.
func TestValuesOfKeysAreTheSameAsForTheOperator(t *testing.T) {
	read := map[string]map[string][]string{}
	for _, a := range answers(t, "key", 1000) {
		if a.text == "throws" {
			continue
		}
		key, value := keyValue(t, a.question)
		if read[key] == nil {
			read[key] = map[string][]string{}
		}
		read[key][value] = append(read[key][value], a.text)
	}
	pairs, same := 0, 0
	for key, values := range read {
		for a, first := range values {
			for b, second := range values {
				want := strings.Join(first, "\t") == strings.Join(second, "\t")
				got := (flink.Reader{}).Same(key, a, b)
				switch reason := disagreements[fmt.Sprintf("same %s %q %q", key, min(a, b), max(a, b))]; {
				case reason != "" && got == want:
					t.Errorf("%s: no disagreement about %q and %q any more (%s)", key, a, b, reason)
				case reason == "" && got != want:
					t.Errorf("%s: %q and %q are the same here: %t; to the operators they are %q and %q", key, a, b, got, first, second)
				}
				pairs++
				if want && a != b {
					same++
				}
			}
		}
	}
	if pairs < 3000 || same < 300 {
		t.Fatalf("only %d pairs, %d of them the same", pairs, same)
	}
}

// Every option of the operator is known here with its type: a value that the type
// cannot be is refused, and so is what is no name of an enum.
func TestOptionsOfTheOperatorAreKnown(t *testing.T) {
	refused := map[string]string{"Duration": "soon", "Boolean": "maybe", "Integer": "some", "Double": "some", "MemorySize": "much", "Map": "no pair"}
	eachAnswer(t, "type", 250, func(_ *testing.T, a answer) string {
		var key string
		if err := json.Unmarshal([]byte(a.question), &key); err != nil {
			return err.Error()
		}
		if !(flink.Reader{}).Knows(key) {
			return "unknown here"
		}
		value := refused[a.text]
		if names, isEnum := strings.CutPrefix(a.text, "Enum of "); isEnum {
			for name := range strings.SplitSeq(names, ",") {
				if (flink.Reader{}).Read(key, name).Outcome != flink.OutcomeRead {
					return name + " is refused here"
				}
			}
			value = names
		}
		if reading := (flink.Reader{}).Read(key, value); value != "" && reading.Outcome != flink.OutcomeRefused {
			return fmt.Sprintf("%q is read here as %q", value, reading.Meaning)
		}
		return ""
	})
}
