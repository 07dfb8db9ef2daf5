package blueprint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// checkEnds looks at the ports that a topic names.
func (c *checker) checkEnds(key string) {
	for _, at := range []side{outlet, inlet} {
		seen := map[string]bool{}
		for i, text := range c.Topics[key].named(at) {
			path := flink.Path{"topics", key, at.list(), strconv.Itoa(i)}
			if seen[text] {
				c.fault(path, fmt.Sprintf("Topic %q names the %s %q twice", key, at.role(), text), "Remove one of them.")
				continue
			}
			seen[text] = true
			c.checkEnd(path, key, text, at)
		}
	}
}

func (c *checker) checkEnd(path flink.Path, key, text string, at side) {
	e, ok := endOf(text, at)
	if !ok {
		c.fault(path, fmt.Sprintf("%q is not a port", text),
			fmt.Sprintf("A %s of topic %q is written as the streamlet, a dot and its %s, for example \"ingest.valid\".", at.role(), key, at))
		return
	}
	s, exists := c.Streamlets[e.streamlet]
	if !exists {
		c.fault(path, fmt.Sprintf("There is no streamlet %q", e.streamlet),
			fmt.Sprintf("Topic %q names %q as a %s. %s", key, text, at.role(), c.meant("streamlets", e.streamlet, c.streamlets)))
		return
	}
	if c.has(e) || s.PortsUnknown {
		return
	}
	if _, turned := s.ports(at.other())[e.port]; turned {
		c.fault(path, fmt.Sprintf("%q is an %s and cannot be a %s", text, at.other(), at.role()),
			fmt.Sprintf("The %s of topic %q are %s of streamlets. Move it to %s, or name an %s of %q.", at.list(), key, at.field(), at.other().list(), at, e.streamlet))
		return
	}
	c.fault(path, fmt.Sprintf("The streamlet %q has no %s %q", e.streamlet, at, e.port),
		fmt.Sprintf("Topic %q names %q as a %s. %s", key, text, at.role(),
			c.meant(at.field()+" of "+strconv.Quote(e.streamlet), e.port, slices.Sorted(maps.Keys(s.ports(at))))))
}

// checkUnjoined looks for ports that are in no topic, or in more than one: a streamlet is
// told one topic for each.
func (c *checker) checkUnjoined() {
	for _, name := range c.streamlets {
		for _, e := range c.allEnds(name) {
			topics := c.topicsOf[e]
			switch {
			case len(topics) > 1:
				c.fault(e.path(), fmt.Sprintf("The %s %q is in %d topics", e.side, e, len(topics)),
					fmt.Sprintf("It is a %s of the topics %s, and a streamlet is told one topic for each port. Take it out of all but one, or add an %s for each.", e.side.role(), listed(topics), e.side))
			case c.TopicsUnknown:
			case len(topics) == 0 && e.side == inlet:
				c.fault(e.path(), fmt.Sprintf("The inlet %q is in no topic", e),
					fmt.Sprintf("The streamlet would not know what to read. Name it in consumers of a topic, or remove the inlet from %q.", name))
			case len(topics) == 0:
				c.warn(e.path(), fmt.Sprintf("The outlet %q is in no topic", e),
					fmt.Sprintf("Its records go nowhere, and the streamlet is told no topic for it. Name it in producers of a topic, or remove the outlet from %q.", name))
			}
		}
	}
}
