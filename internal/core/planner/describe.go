package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const (
	// namedChanges is how many changes a summary names.
	namedChanges = 3
	// longestValue is how many characters of a value a message shows.
	longestValue = 60
)

// finish makes the decision of an outcome.
func (p *plan) finish(out outcome) Decision {
	if out.action == ActionNone {
		return unchanged(p.Input)
	}
	risks := p.stateRisks(out)
	if out.state == StateKept && slices.ContainsFunc(risks, threatens) {
		out.state = StateAtRisk
		out.consequence += p.andAtRisk()
	}
	var decision Decision
	decision.Rollout = Rollout{
		Revision: p.Revision + 1,
		Action:   out.action,
		Because:  p.because(out),
		State:    out.state,
		Downtime: out.downtime,
	}
	decision.Rollout.Summary = p.summary(out)
	p.guard(out, risks, &decision)
	return decision
}

// because lists the attributes that cause the action, each once, with the
// layer that gave it.
func (p *plan) because(out outcome) []string {
	because := []string{}
	add := func(entry string) {
		if !slices.Contains(because, entry) {
			because = append(because, entry)
		}
	}
	for _, c := range out.causes {
		add(c.attribute + c.from())
	}
	if out.action == ActionMetadata {
		for _, attribute := range p.Provider {
			add(attribute)
		}
	}
	return because
}

// from returns in parentheses what is to say of a value, for the end of a phrase:
// its origin, and that the platform does not use it.
func (c change) from() string {
	var notes []string
	if c.origin != "" {
		notes = append(notes, c.origin)
	}
	if c.overruled != "" {
		notes = append(notes, "not used, "+c.overruled+" wins")
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}

// summary is one line: revision, action, changes; consequence.
func (p *plan) summary(out outcome) string {
	var line strings.Builder
	fmt.Fprintf(&line, "#%d %s", p.Revision+1, strings.ReplaceAll(string(out.action), "_", " "))
	phrases := phrasesOf(out.causes, change.phrase)
	if out.action == ActionMetadata {
		phrases = p.because(out)
	}
	if len(phrases) > 0 {
		line.WriteString(": " + shortList(phrases))
		if out.consequence != "" {
			line.WriteString("; " + out.consequence)
		}
	} else if out.consequence != "" {
		line.WriteString(": " + out.consequence)
	}
	return line.String()
}

// phrasesOf describes changes, each attribute once.
func phrasesOf(changes []change, describe func(change) string) []string {
	var phrases []string
	for _, c := range changes {
		if phrase := describe(c); !slices.Contains(phrases, phrase) {
			phrases = append(phrases, phrase)
		}
	}
	return phrases
}

// shortList joins the first phrases and counts the rest.
func shortList(phrases []string) string {
	if len(phrases) <= namedChanges {
		return strings.Join(phrases, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(phrases[:namedChanges], ", "), len(phrases)-namedChanges)
}

// phrase describes a change for a summary: `job.parallelism 2 -> 4`.
func (c change) phrase() string {
	switch {
	case c.attribute != c.Path.Attribute():
		return c.attribute + " changed" + c.from()
	case c.Opaque():
		return c.Path.Whole() + " changed" + c.from()
	case c.New == nil:
		return c.Path.Whole() + " removed" + c.from()
	case c.Old == nil:
		return fmt.Sprintf("%s set to %s%s", c.Path.Whole(), shown(c.Path, c.New), c.from())
	default:
		before, after := shownBoth(c.Path, c.Old, c.New)
		return fmt.Sprintf("%s %s -> %s%s", c.Path.Whole(), before, after, c.from())
	}
}

// sentence describes a change for the detail of a notice:
// `job.parallelism changes from 2 to 4`.
func (c change) sentence() string {
	switch {
	case c.attribute != c.Path.Attribute():
		return c.attribute + " changes" + c.from()
	case c.Opaque():
		return c.Path.Whole() + " changes" + c.from()
	case c.New == nil:
		return c.Path.Whole() + " is removed" + c.from()
	case c.Old == nil:
		return fmt.Sprintf("%s is set to %s%s", c.Path.Whole(), shown(c.Path, c.New), c.from())
	default:
		before, after := shownBoth(c.Path, c.Old, c.New)
		return fmt.Sprintf("%s changes from %s to %s%s", c.Path.Whole(), before, after, c.from())
	}
}

// shown returns a value as a message shows it: on one line, in the spelling of
// its attribute, the middle of a long one left out, because the end of an image
// or a path tells more than its middle.
func shown(path flink.Path, value any) string {
	letters := spelled(path, value)
	if len(letters) == 0 {
		return `""`
	}
	if len(letters) > longestValue {
		head := longestValue / 3
		tail := longestValue - head - 1
		return string(letters[:head]) + "…" + string(letters[len(letters)-tail:])
	}
	return string(letters)
}

// shownBoth returns two values as a message shows them, with the part that differs.
func shownBoth(path flink.Path, from, to any) (before, after string) {
	before, after = shown(path, from), shown(path, to)
	if before != after {
		return before, after
	}
	old, wanted := spelled(path, from), spelled(path, to)
	same := 0
	for same < min(len(old), len(wanted)) && old[same] == wanted[same] {
		same++
	}
	start := max(0, same-longestValue/3)
	return excerpt(old, start), excerpt(wanted, start)
}

// excerpt is what is shown of a long text from a place on.
func excerpt(letters []rune, start int) string {
	end := min(len(letters), start+longestValue)
	out := string(letters[start:end])
	if start > 0 {
		out = "…" + out
	}
	if end < len(letters) {
		out += "…"
	}
	return out
}

// spelled is a value on one line, in the spelling of its attribute.
func spelled(path flink.Path, value any) []rune {
	var out string
	switch value := value.(type) {
	case string:
		out = value
	case bool:
		out = strconv.FormatBool(value)
	case json.Number:
		out = value.String()
	default:
		out = fmt.Sprint(value)
	}
	if samePath(path, "job", "upgradeMode") {
		out = strings.ReplaceAll(out, "-", "_")
	}
	return []rune(strings.Join(strings.Fields(out), " "))
}
