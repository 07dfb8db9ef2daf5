package blueprint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// order puts each streamlet into the earliest phase that the demands leave to it. Demands
// that contradict each other are dropped, all that are in the contradiction.
func (o *orderer) order() Order {
	if len(o.changed) == 0 {
		return Order{}
	}
	next := o.graph(o.gates)
	of, size := components(next)
	var kept []gate
	broken := map[int][]gate{}
	for i, g := range o.gates {
		if component := of[len(o.changed)+i]; size[component] > 1 {
			broken[component] = append(broken[component], g)
			continue
		}
		kept = append(kept, g)
		o.notes = append(o.notes, g.note)
	}
	for _, component := range slices.Sorted(maps.Keys(broken)) {
		o.notes = append(o.notes, contradiction(broken[component]))
	}
	slices.SortStableFunc(o.notes, func(a, b Note) int {
		return strings.Compare(strings.Join(a.Topics, "\x00"), strings.Join(b.Topics, "\x00"))
	})

	next = o.graph(kept)
	of, _ = components(next)
	nodes := make([]int, len(next))
	for i := range nodes {
		nodes[i] = i
	}
	// A node has a higher component than those that it leads to.
	slices.SortFunc(nodes, func(a, b int) int { return of[b] - of[a] })
	phase, last := make([]int, len(next)), 0
	for _, node := range nodes {
		after := phase[node]
		if node < len(o.changed) {
			last = max(last, after)
			after++
		}
		for _, to := range next[node] {
			phase[to] = max(phase[to], after)
		}
	}
	phases := make([][]string, last+1)
	for i, name := range o.changed {
		phases[phase[i]] = append(phases[phase[i]], name)
	}
	return Order{phases, o.notes}
}

// graph leads from what begins first by the gate to what begins then. Nodes are the changed
// streamlets, and after them the gates.
func (o *orderer) graph(gates []gate) [][]int {
	next := make([][]int, len(o.changed)+len(gates))
	for i, g := range gates {
		node := len(o.changed) + i
		for _, name := range g.first {
			next[o.number[name]] = append(next[o.number[name]], node)
		}
		for _, name := range g.then {
			next[node] = append(next[node], o.number[name])
		}
	}
	return next
}

func contradiction(gates []gate) Note {
	topics, streamlets := map[string]bool{}, map[string]bool{}
	for _, g := range gates {
		for _, topic := range g.note.Topics {
			topics[topic] = true
		}
		for _, name := range slices.Concat(g.first, g.then) {
			streamlets[name] = true
		}
	}
	note := Note{Topics: slices.Sorted(maps.Keys(topics)), Unsafe: true}
	note.Text = fmt.Sprintf("Topics %s: %s in any order, because each would have to begin before another one. Some records cannot be read until all of them run. Change the schemas in two steps to avoid it.",
		listed(note.Topics), listed(slices.Sorted(maps.Keys(streamlets))))
	return note
}
