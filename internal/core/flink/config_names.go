package flink

import "strings"

// spelling is a name that Flink looks for in a text: its own spelling first, then its
// synonyms, in lower case.
type spelling struct {
	names []string
	// from and to are the versions that know it; nil is no bound.
	from, to *Version
}

// spellings are the names that Flink looks for in a text without regard to case.
type spellings struct {
	names []spelling
	// classes tells that another text is the name of a class.
	classes bool
}

var (
	noRestart          = spelling{names: []string{"none", "off", "disable"}}
	fixedRestart       = spelling{names: []string{"fixed-delay", "fixeddelay"}}
	rateRestart        = spelling{names: []string{"failure-rate", "failurerate"}}
	exponentialRestart = spelling{names: []string{"exponential-delay", "exponentialdelay"}}
)

// namedTexts are the keys whose texts Flink reads as names (HighAvailabilityMode,
// StateBackendLoader, CheckpointStorageLoader, RestartBackoffTimeStrategyFactoryLoader,
// CleanupRetryStrategyFactory and FailoverStrategyFactoryLoader).
var namedTexts = map[string]spellings{
	KeyHighAvailability: {names: []spelling{
		{names: []string{"NONE", "standalone"}}, {names: []string{"zookeeper"}}, {names: []string{"kubernetes"}},
	}, classes: true},
	"state.backend.type": {names: []spelling{
		{names: []string{"hashmap"}},
		{names: []string{"rocksdb"}},
		{names: []string{"forst"}, from: &Version{2, 0}},
		{names: []string{"filesystem"}, to: &Version{1, 20}},
		{names: []string{"jobmanager"}, to: &Version{1, 20}},
	}, classes: true},
	"execution.checkpointing.storage":        {names: []spelling{{names: []string{"jobmanager"}}, {names: []string{"filesystem"}}}, classes: true},
	"restart-strategy.type":                  {names: []spelling{noRestart, fixedRestart, rateRestart, exponentialRestart}},
	"cleanup-strategy.type":                  {names: []spelling{noRestart, fixedRestart, exponentialRestart}},
	"jobmanager.execution.failover-strategy": {names: []spelling{{names: []string{"region"}}, {names: []string{"full"}}}},
}

func (s spelling) knownTo(version Version) bool {
	return (s.from == nil || version.AtLeast(*s.from)) && (s.to == nil || s.to.AtLeast(version))
}

// namedText returns what a version makes of a text of a key: one of the key's names, or
// the text itself.
func namedText(key, text string, version Version) (string, bool) {
	known, named := namedTexts[CanonicalKey(key)]
	if !named {
		return asciiQuoted(text), true
	}
	for _, spelled := range known.names {
		for _, name := range spelled.names {
			if strings.EqualFold(name, text) && spelled.knownTo(version) {
				return spelled.names[0], true
			}
		}
	}
	// The class may be in the image; one of a job has a package.
	return text, known.classes && strings.Contains(text, ".") && text == TrimBlanks(text)
}

// expectedName says which names a version looks for.
func expectedName(key string, version Version) string {
	known := namedTexts[CanonicalKey(key)]
	var names []string
	for _, spelled := range known.names {
		if spelled.knownTo(version) {
			names = append(names, spelled.names[0])
		}
	}
	text := "one of " + strings.Join(names, ", ")
	if known.classes {
		text += ", or the name of a class with its package,"
	}
	return text
}
