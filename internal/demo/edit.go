package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// edit is a change of the configuration: one text in the place of another one.
type edit struct{ from, to string }

// undone is the edit that takes it back.
func (e edit) undone() edit { return edit{e.to, e.from} }

// String shows the lines that differ.
func (e edit) String() string {
	var out strings.Builder
	from, to := strings.Split(e.from, "\n"), strings.Split(e.to, "\n")
	// What both begin with and end with is only there to find the place.
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	for len(from) > 0 && len(to) > 0 && from[len(from)-1] == to[len(to)-1] {
		from, to = from[:len(from)-1], to[:len(to)-1]
	}
	for _, line := range from {
		fmt.Fprintf(&out, "    - %s\n", strings.TrimLeft(line, " "))
	}
	for _, line := range to {
		fmt.Fprintf(&out, "    + %s\n", strings.TrimLeft(line, " "))
	}
	return out.String()
}

// change makes edits in the copy of the configuration. Each has exactly one place there.
func (c *cli) change(edits ...edit) error {
	path := filepath.Join(c.folder, mainFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("changing the configuration: %w", err)
	}
	changed := string(text)
	for _, e := range edits {
		if n := strings.Count(changed, e.from); n != 1 {
			return fmt.Errorf("changing the configuration: %s is there %d times", e.from, n)
		}
		changed = strings.Replace(changed, e.from, e.to, 1)
	}
	return os.WriteFile(path, []byte(changed), 0o600) //nolint:gosec // the file is the demo's own
}
