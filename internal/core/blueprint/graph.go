package blueprint

import "slices"

// components returns, for each node of a directed graph, the number of its strongly
// connected component, and how many nodes each has (Tarjan's algorithm). A
// component has a higher number than those that its nodes lead to.
func components(next [][]int) (of, size []int) {
	const unseen = -1
	of = make([]int, len(next))
	index, low := make([]int, len(next)), make([]int, len(next))
	for node := range next {
		of[node], index[node] = unseen, unseen
	}
	var stack []int
	count := 0
	var visit func(node int)
	visit = func(node int) {
		index[node], low[node] = count, count
		count++
		stack = append(stack, node)
		for _, to := range next[node] {
			switch {
			case index[to] == unseen:
				visit(to)
				low[node] = min(low[node], low[to])
			case of[to] == unseen:
				low[node] = min(low[node], index[to])
			}
		}
		if low[node] < index[node] {
			return
		}
		number := len(size)
		size = append(size, 0)
		for {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			of[last] = number
			size[number]++
			if last == node {
				return
			}
		}
	}
	for node := range next {
		if index[node] == unseen {
			visit(node)
		}
	}
	return of, size
}

// cycleThrough returns the shortest way from a node of a component back to it: its nodes
// in order, the first one once. It walks through that component alone.
func cycleThrough(start int, next [][]int, of []int) []int {
	from := map[int]int{}
	for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
		node := queue[0]
		for _, to := range next[node] {
			if to == start {
				way := []int{node}
				for node != start {
					node = from[node]
					way = append(way, node)
				}
				slices.Reverse(way)
				return way
			}
			if _, seen := from[to]; !seen && of[to] == of[start] {
				from[to] = node
				queue = append(queue, to)
			}
		}
	}
	return nil
}
