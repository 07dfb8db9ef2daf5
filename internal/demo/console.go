package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// console is what the reader sees: headings and explanations of the demo, and the output of the CLI.
type console struct {
	out   io.Writer
	color bool

	mu sync.Mutex
	// step counts the steps of the story, of which there are as many as steps.
	step, steps int
}

const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	reset = "\x1b[0m"
)

// colorful tells whether a file is a terminal whose user has nothing against colors (https://no-color.org).
func colorful(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func (c *console) style(text, code string) string {
	if !c.color {
		return text
	}
	return code + text + reset
}

// heading begins the next step.
func (c *console) heading(text string) {
	c.step++
	title := fmt.Sprintf("%d/%d  %s", c.step, c.steps, text)
	c.write("\n" + c.style(title+"\n"+strings.Repeat("─", len([]rune(title))), bold) + "\n")
}

// say explains something.
func (c *console) say(format string, args ...any) {
	c.write(fmt.Sprintf(format, args...) + "\n")
}

// command shows a command that is run, as the reader could run it.
func (c *console) command(words ...string) {
	c.write("\n" + c.style("$ "+strings.Join(words, " "), bold) + "\n")
}

// aside shows a line that is not of the CLI.
func (c *console) aside(format string, args ...any) {
	c.write(c.style("  | "+fmt.Sprintf(format, args...), faint) + "\n")
}

func (c *console) write(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// The reader may have gone away; the story and its cleaning up go on.
	_, _ = io.WriteString(c.out, text)
}

// lineWriter hands each whole line that is written to it to a function, with its line end.
type lineWriter struct {
	line func(string)
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		w.line(string(w.rest[:end+1]))
		w.rest = w.rest[end+1:]
	}
}

// flush hands on a last line that has no end.
func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.line(string(w.rest) + "\n")
		w.rest = nil
	}
}
