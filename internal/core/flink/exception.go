package flink

import (
	"regexp"
	"strings"
)

// wrapper matches the name of an exception that only carries another one, and
// className the package of any.
var (
	wrapper   = regexp.MustCompile(`^(?:[\w.$]+\.)?(?:CompletionException|ExecutionException|SerializedThrowable|ProgramInvocationException|RuntimeException): `)
	className = regexp.MustCompile(`\b(?:[a-z][\w]*\.){2,}([A-Z][\w$]*(?:Exception|Error|Throwable))\b`)
)

// PlainException returns the message of a Java exception without the names of
// exceptions that only wrap others and without the packages of the rest.
func PlainException(message string) string {
	message = strings.TrimSpace(message)
	for {
		loc := wrapper.FindStringIndex(message)
		if loc == nil {
			break
		}
		message = message[loc[1]:]
	}
	return className.ReplaceAllString(message, "$1")
}

// RootCause returns the deepest cause of a Java stack trace, class and message, as
// PlainException has it; empty for no trace.
func RootCause(trace string) string {
	root := ""
	for l := range strings.Lines(trace) {
		l = strings.TrimSpace(l)
		if cause, ok := strings.CutPrefix(l, "Caused by: "); ok {
			root = cause
		} else if root == "" && l != "" {
			root = l
		}
	}
	return PlainException(root)
}
