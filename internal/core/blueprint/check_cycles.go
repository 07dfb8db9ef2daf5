package blueprint

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// checkCycles names the cycles in which records go around. Ports are joined by topics
// alone, so that every cycle goes through one, which is what makes it possible. Each
// set of streamlets that reach each other is named once, by its shortest cycle
// through the first of them.
func (c *checker) checkCycles() {
	// Nodes are the streamlets, and after them the topics: a topic with many ports on
	// both sides has as many edges as ports.
	number := make(map[string]int, len(c.streamlets))
	for i, name := range c.streamlets {
		number[name] = i
	}
	next := make([][]int, len(c.streamlets)+len(c.topics))
	// ports are those by which a streamlet and a topic are joined, in their direction.
	ports := map[[2]int]end{}
	join := func(from, to int, e end) {
		if _, known := ports[[2]int{from, to}]; !known {
			ports[[2]int{from, to}] = e
			next[from] = append(next[from], to)
		}
	}
	for i, key := range c.topics {
		topic := len(c.streamlets) + i
		for _, e := range c.ends[key][outlet] {
			join(number[e.streamlet], topic, e)
		}
		for _, e := range c.ends[key][inlet] {
			join(topic, number[e.streamlet], e)
		}
	}
	of, size := components(next)
	told := map[int]bool{}
	for i := range c.streamlets {
		if size[of[i]] == 1 || told[of[i]] {
			continue
		}
		told[of[i]] = true
		way := cycleThrough(i, next, of)
		steps := make([]string, 0, len(way))
		for at, node := range way {
			to := way[(at+1)%len(way)]
			if node >= len(c.streamlets) {
				steps[len(steps)-1] += fmt.Sprintf(" -> %s -> %s", c.topics[node-len(c.streamlets)], ports[[2]int{node, to}])
			} else {
				steps = append(steps, ports[[2]int{node, to}].String())
			}
		}
		first := c.topics[way[1]-len(c.streamlets)]
		summary := fmt.Sprintf("Records can go around through the streamlet %q", c.streamlets[i])
		detail := strings.Join(steps, ", ") + ". Each record that is written again can be read again without an end: have the streamlets let each one out, or join them without a cycle."
		if len(way) == 2 {
			summary = fmt.Sprintf("The streamlet %q reads what it writes", c.streamlets[i])
		}
		c.warn(flink.Path{"topics", first}, summary, detail)
	}
}
