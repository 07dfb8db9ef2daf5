package flink

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestValuesAreReadAsByFlink holds what is made of each value of the table to what each
// release of Flink makes of it: in memory, as the operator reads its own keys, and out of
// the file that the operator writes.
func TestValuesAreReadAsByFlink(t *testing.T) {
	table := recordedTable(t)
	for _, question := range javaQuestions(t) {
		if table.questions[question.String()] == nil {
			t.Errorf("%s was not asked; `make values record=yes` asks", question)
		}
	}
	explained := map[string]bool{}
	for _, asked := range slices.Sorted(maps.Keys(table.questions)) {
		key, quoted, _ := strings.Cut(asked, "\t")
		var value string
		if err := json.Unmarshal([]byte(quoted), &value); err != nil {
			t.Fatal(err)
		}
		for i, release := range javaReleases {
			version := release.version(t)
			inMemory, fromFile, _ := strings.Cut(table.questions[asked][i], "\t")
			for where, java := range map[string]string{"in memory": inMemory, "from the file": fromFile} {
				in := dialectOf(version)
				if where == "in memory" {
					in.lines = false
				}
				got, want := ownAnswer(version, key, value, in), sameWords(key, java)
				reason := whyNot(key, value, want, version)
				switch {
				case got != want && reason == "":
					t.Errorf("%s %q %s: Flink %s says %s, and the answer here is %s", key, value, where, release.flink, java, got)
				case got != want:
					explained[reason] = true
				}
			}
		}
	}
	for _, d := range javaDisagreements {
		if !explained[d.reason] {
			t.Errorf("there is no disagreement with Flink about %s: %s", d.key, d.reason)
		}
	}
}

// ownAnswer is what is made of a value here, in the words of Values.java.
func ownAnswer(version Version, key, value string, in dialect) string {
	kind := optionOf(version, key)
	if kind.kind == typeNone {
		return "unknown"
	}
	switch reading := kind.read(key, value, in); reading.Outcome {
	case OutcomeRead:
		return "=" + reading.Meaning
	case OutcomeAbsent:
		return "absent"
	case OutcomeRefused, OutcomeUnknown:
	}
	return "refused"
}

var javaString = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// classOf are the classes that Flink makes of names.
var classOf = map[string]string{
	"HashMapStateBackend": "hashmap", "EmbeddedRocksDBStateBackend": "rocksdb", "ForStStateBackend": "forst", "MemoryStateBackend": "jobmanager",
	"NoRestartBackoffTimeStrategy$NoRestartBackoffTimeStrategyFactory":                             "none",
	"FixedDelayRestartBackoffTimeStrategy$FixedDelayRestartBackoffTimeStrategyFactory":             "fixed-delay",
	"FailureRateRestartBackoffTimeStrategy$FailureRateRestartBackoffTimeStrategyFactory":           "failure-rate",
	"ExponentialDelayRestartBackoffTimeStrategy$ExponentialDelayRestartBackoffTimeStrategyFactory": "exponential-delay",
	"FixedRetryStrategy 0": "none", "FixedRetryStrategy 1": "fixed-delay", "FixedRetryStrategy 2147483647": "fixed-delay", "ExponentialBackoffRetryStrategy 2147483647": "exponential-delay", "JobManagerCheckpointStorage": "jobmanager",
	"RestartPipelinedRegionFailoverStrategy$Factory": "region", "RestartAllFailoverStrategy$Factory": "full",
	"NONE": "NONE", "ZOOKEEPER": "zookeeper", "KUBERNETES": "kubernetes",
}

// sameWords is an answer of Flink in the words that are used here.
func sameWords(key, answer string) string {
	if _, named := namedTexts[CanonicalKey(key)]; named {
		if name := classOf[strings.TrimPrefix(answer, "=")]; name != "" {
			return "=" + name
		}
		return answer
	}
	return javaString.ReplaceAllStringFunc(answer, func(quoted string) string {
		var text string
		if err := json.Unmarshal([]byte(quoted), &text); err != nil {
			return quoted
		}
		return asciiQuoted(text)
	})
}

// javaDisagreement is where something else is said here than Flink says.
type javaDisagreement struct {
	key string
	// is tells of which values and answers, in the words of sameWords.
	is     func(value, answer string, version Version) bool
	reason string
}

var javaDisagreements = []javaDisagreement{
	{"high-availability.type", anotherClass, "any other text is the name of a class to Flink, which looks for it later; one without a package is refused here"},
	{"high-availability", anotherClass, "the same, by its former name"},
	{"state.backend.type", class, "the class may be in the image, whatever the jars that were asked have"},
	{"state.backend", class, "the class may be in the image; this is the former name of the key"},
	{"state.backend.type", oldBackend, "it has the state of hashmap, and keeps checkpoints in another way"},
	{"state.backend", oldBackend, "hashmap again; this is the former name of the key"},
	{"execution.checkpointing.storage", class, "the class may be in the image"},
	{"state.checkpoint-storage", class, "the class may be in the image; this is the former name of the key"},
	{"pipeline.jars", oddYAML, "the YAML libraries of Go and of Java read these apart, and nobody writes them"},
	{"classloader.parent-first-patterns.additional", oddYAML, "neither are these patterns of classes"},
}

func anotherClass(_, answer string, _ Version) bool { return answer == "=FACTORY_CLASS" }

func class(value, _ string, _ Version) bool { return strings.Contains(value, ".") }

func oldBackend(value, _ string, _ Version) bool { return strings.EqualFold(value, "filesystem") }

func oddYAML(value, _ string, _ Version) bool { return value == "[-]" || value == "[a:]" }

func whyNot(key, value, answer string, version Version) string {
	for _, d := range javaDisagreements {
		if d.key == key && d.is(value, answer, version) {
			return d.reason
		}
	}
	return ""
}
