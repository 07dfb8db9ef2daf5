package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// plain is a line without colors and without the bar of a warning's box.
func plain(line string) string {
	line = strings.TrimRight(escapes.ReplaceAllString(line, ""), "\n")
	return strings.TrimPrefix(strings.TrimPrefix(line, "│"), " ")
}

const (
	boxTop    = "╷"
	boxBottom = "╵"
	// The CLI says so before each command, and here it is on purpose.
	developmentWarning = "Warning: Provider development overrides are in effect"
	// longestWarning bounds what is dropped should a CLI word the warning's end in another way.
	longestWarning = 16
)

// quiet leaves the warning about development overrides out of the CLI's output.
type quiet struct {
	next func(string)
	// held is the top of a box, or an empty line, whose next line decides.
	held     string
	dropping int
}

func (q *quiet) line(line string) {
	text := plain(line)
	if q.dropping > 0 {
		q.dropping++
		boxed := text == boxBottom
		if boxed || strings.HasSuffix(text, "releases.") && !strings.HasPrefix(escapes.ReplaceAllString(line, ""), "│") || q.dropping > longestWarning {
			q.dropping = 0
		}
		return
	}
	if text == developmentWarning {
		q.held, q.dropping = "", 1
		return
	}
	q.flush()
	if text == boxTop || text == "" {
		q.held = line
		return
	}
	q.next(line)
}

func (q *quiet) flush() {
	if q.held != "" {
		q.next(q.held)
		q.held = ""
	}
}

var (
	attributeOpens = regexp.MustCompile(`^ {6}[-+~ ] (\w+) += .*([\[{(]|<<-EOT)$`)
	resourceBegins = regexp.MustCompile(`^  # (\S+) `)
)

// fold returns the part of a plan that is about one resource, with the values of many lines folded except those of the
// attributes to keep.
func fold(plan, address string, keep ...string) string {
	var out strings.Builder
	inside, hidden := false, -1
	for line := range strings.Lines(plan) {
		text := strings.TrimRight(escapes.ReplaceAllString(line, ""), "\n")
		if begins := resourceBegins.FindStringSubmatch(text); begins != nil {
			inside = begins[1] == address
		}
		if !inside {
			continue
		}
		if hidden >= 0 {
			// Values are indented by more than the two places of their attribute.
			if closes := strings.TrimLeft(text, " "); text != "" && len(text)-len(closes) > 8 && closes != "EOT" {
				hidden++
				continue
			}
			fmt.Fprintf(&out, "            … %d lines\n", hidden)
			hidden = -1
		}
		out.WriteString(line)
		if opens := attributeOpens.FindStringSubmatch(text); len(opens) > 1 && !slices.Contains(keep, opens[1]) {
			hidden = 0
		}
		if text == "    }" {
			break
		}
	}
	return out.String()
}
