package blueprint

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// side tells inlets from outlets.
type side int

const (
	inlet side = iota
	outlet
)

// ports are those of a side, by name.
func (s Streamlet) ports(at side) map[string]Port {
	if at == outlet {
		return s.Outlets
	}
	return s.Inlets
}

func (s side) other() side { return outlet - s }

func (s side) String() string {
	if s == outlet {
		return "outlet"
	}
	return "inlet"
}

// field is the attribute of a streamlet with the ports of the side.
func (s side) field() string { return s.String() + "s" }

// list is the attribute of a topic that names ports of the side, and role what a port in
// it is called.
func (s side) list() string { return s.role() + "s" }

func (s side) role() string {
	if s == outlet {
		return "producer"
	}
	return "consumer"
}

// end is a port of a streamlet, where a topic ends.
type end struct {
	streamlet, port string
	side            side
}

func (e end) String() string { return e.streamlet + "." + e.port }

func (e end) path(further ...string) flink.Path {
	return append(flink.Path{"streamlets", e.streamlet, e.side.field(), e.port}, further...)
}

// named are the ports that a topic names on a side.
func (t Topic) named(at side) []string {
	if at == outlet {
		return t.Producers
	}
	return t.Consumers
}

// endOf reads "streamlet.port".
func endOf(text string, at side) (e end, ok bool) {
	streamlet, port, ok := strings.Cut(text, ".")
	return end{streamlet, port, at}, ok && streamlet != "" && port != "" && !strings.Contains(port, ".")
}

// has tells whether an application has a port.
func (a Application) has(e end) bool {
	_, has := a.Streamlets[e.streamlet].ports(e.side)[e.port]
	return has
}

func (a Application) port(e end) Port { return a.Streamlets[e.streamlet].ports(e.side)[e.port] }

// joints are the topics and ports that are joined, looked up from both sides. Ports that do
// not exist are not among them.
type joints struct {
	// topics are the keys of all topics and streamlets the names of all streamlets, sorted.
	topics, streamlets []string
	// ends are the ports of each topic, by side, each once, in the order of the blueprint.
	ends map[string][2][]end
	// topicsOf are the topics of each port, each once.
	topicsOf map[end][]string
}

func (a Application) joints() joints {
	j := joints{
		topics:     slices.Sorted(maps.Keys(a.Topics)),
		streamlets: slices.Sorted(maps.Keys(a.Streamlets)),
		ends:       make(map[string][2][]end, len(a.Topics)),
		topicsOf:   make(map[end][]string, 2*len(a.Topics)),
	}
	for _, key := range j.topics {
		var ends [2][]end
		for _, at := range []side{inlet, outlet} {
			for _, text := range a.Topics[key].named(at) {
				e, ok := endOf(text, at)
				if !ok || !a.has(e) {
					continue
				}
				// Topics are taken one after the other, so that this one would be the last.
				if of := j.topicsOf[e]; len(of) > 0 && of[len(of)-1] == key {
					continue
				}
				j.topicsOf[e] = append(j.topicsOf[e], key)
				ends[at] = append(ends[at], e)
			}
		}
		j.ends[key] = ends
	}
	return j
}

// allEnds are the ports of a streamlet, inlets first, sorted.
func (a Application) allEnds(streamlet string) []end {
	var out []end
	for _, at := range []side{inlet, outlet} {
		for _, port := range slices.Sorted(maps.Keys(a.Streamlets[streamlet].ports(at))) {
			out = append(out, end{streamlet, port, at})
		}
	}
	return out
}

// longestList is how many names a message lists.
const longestList = 8

// listed names things in a message.
func listed(names []string) string {
	if len(names) > longestList {
		return strings.Join(names[:longestList], ", ") + " and " + strconv.Itoa(len(names)-longestList) + " more"
	}
	return strings.Join(names, ", ")
}
