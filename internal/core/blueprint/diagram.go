package blueprint

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Mark is what a plan does to a part of an application.
type Mark string

// The marks, which are the classes of the diagram's nodes.
const (
	MarkCreate Mark = "create"
	MarkChange Mark = "change"
	MarkRemove Mark = "remove"
)

// Marks are what a plan does, by names of streamlets and topics. What is removed is drawn
// though the application has it no more.
type Marks struct{ Streamlets, Topics map[string]Mark }

// styles are the classes of nodes, in the order of the diagram.
var styles = []struct {
	mark  Mark
	style string
}{
	{MarkCreate, "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"},
	{MarkChange, "fill:#fff8c5,stroke:#9a6700,color:#1f2328"},
	{MarkRemove, "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 3"},
}

// Diagram draws an application as a Mermaid flowchart: a box for each streamlet with its
// state, a cylinder for each topic with its partitions, an arrow for each joint with the
// port. The text is the same for the same application. Mermaid draws at most 500 arrows and
// 50,000 characters, unless the page that draws it sets maxEdges and maxTextSize.
func (a Application) Diagram(states map[string]string, marks Marks) string {
	j := a.joints()
	streamlets, topics := map[string]string{}, map[string]string{}
	marked := map[Mark][]string{}
	var out strings.Builder
	out.WriteString("flowchart LR\n")
	for i, name := range withRemoved(j.streamlets, marks.Streamlets) {
		id := fmt.Sprintf("s%d", i)
		streamlets[name] = id
		marked[marks.Streamlets[name]] = append(marked[marks.Streamlets[name]], id)
		fmt.Fprintf(&out, "  %s[%s]\n", id, label(name, states[name]))
	}
	for i, key := range withRemoved(j.topics, marks.Topics) {
		id := fmt.Sprintf("t%d", i)
		topics[key] = id
		marked[marks.Topics[key]] = append(marked[marks.Topics[key]], id)
		fmt.Fprintf(&out, "  %s[(%s)]\n", id, a.topicLabel(key))
	}
	for _, key := range j.topics {
		for _, e := range j.ends[key][outlet] {
			fmt.Fprintf(&out, "  %s -->|%s| %s\n", streamlets[e.streamlet], label(e.port), topics[key])
		}
		for _, e := range j.ends[key][inlet] {
			fmt.Fprintf(&out, "  %s -->|%s| %s\n", topics[key], label(e.port), streamlets[e.streamlet])
		}
	}
	for _, s := range styles {
		if ids := marked[s.mark]; len(ids) > 0 {
			fmt.Fprintf(&out, "  classDef %s %s\n  class %s %s\n", s.mark, s.style, strings.Join(ids, ","), s.mark)
		}
	}
	return out.String()
}

// withRemoved are sorted names with those that are removed.
func withRemoved(names []string, marks map[string]Mark) []string {
	all := slices.Clone(names)
	for name, mark := range marks {
		if mark == MarkRemove {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (a Application) topicLabel(key string) string {
	t, exists := a.Topics[key]
	lines := []string{key}
	if exists {
		if !t.NameUnknown && t.Named(key) != key {
			lines = append(lines, t.Named(key))
		}
		switch {
		case !t.IsManaged():
			lines = append(lines, "not managed")
		case t.Partitions != nil && *t.Partitions == 1:
			lines = append(lines, "1 partition")
		case t.Partitions != nil:
			lines = append(lines, fmt.Sprintf("%d partitions", *t.Partitions))
		}
	}
	return label(lines...)
}

// label is a quoted text of lines; empty ones but the first are left out.
func label(lines ...string) string {
	shown := make([]string, 0, len(lines))
	for i, line := range lines {
		if line != "" || i == 0 {
			shown = append(shown, encoded(line))
		}
	}
	return `"` + strings.Join(shown, "<br/>") + `"`
}

// encoded writes what means something to Mermaid, Markdown or HTML as Mermaid's entity code:
// the number of the character between # and a semicolon. The colon is among them, because
// Mermaid takes what is behind "style" and a colon for a color, whose semicolon it drops.
func encoded(text string) string {
	if text == "" {
		// Mermaid takes no empty label.
		return " "
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune(" .-,/", r):
			out.WriteRune(r)
		case unicode.IsSpace(r), unicode.IsControl(r):
			out.WriteByte(' ')
		default:
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}
