package blueprint

import (
	"maps"
	"slices"
	"strings"
)

// Renamed is the application in which a streamlet has another name, in the topics that join it
// too.
func (a Application) Renamed(from, to string) Application {
	if from == to {
		return a
	}
	out := a
	out.Streamlets, out.Topics = maps.Clone(a.Streamlets), make(map[string]Topic, len(a.Topics))
	out.Streamlets[to] = out.Streamlets[from]
	delete(out.Streamlets, from)
	rename := func(ends []string) []string {
		ends = slices.Clone(ends)
		for i, end := range ends {
			if port, ok := strings.CutPrefix(end, from+"."); ok {
				ends[i] = to + "." + port
			}
		}
		return ends
	}
	for key, topic := range a.Topics {
		topic.Producers, topic.Consumers = rename(topic.Producers), rename(topic.Consumers)
		out.Topics[key] = topic
	}
	return out
}
