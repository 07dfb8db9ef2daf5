package vvp

import (
	"fmt"
	"regexp"
	"strings"
)

// word matches one argument in a text of arguments: it ends at a blank, unless it stands
// in quotes. Quotes inside a word are taken away, which is what Flink does with such texts
// (JarHandlerUtils.tokenizeArguments).
var word = regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`)

// argumentsText writes arguments as one text, as the platform takes them. Its error names
// the first argument, by its place, that cannot be written so.
func argumentsText(arguments []string) (string, error) {
	words := make([]string, len(arguments))
	for i, argument := range arguments {
		switch {
		case argument == "":
			return "", fmt.Errorf("argument %d is empty", i+1)
		case strings.ContainsAny(argument, `"'`):
			return "", fmt.Errorf("argument %d has a quotation mark", i+1)
		case strings.ContainsAny(argument, "\n\r"):
			return "", fmt.Errorf("argument %d has several lines", i+1)
		case strings.ContainsAny(argument, " \t\f\v"):
			argument = `"` + argument + `"`
		}
		words[i] = argument
	}
	return strings.Join(words, " "), nil
}

// argumentsOf reads a text of arguments.
func argumentsOf(text string) []any {
	out := []any{}
	for _, found := range word.FindAllStringSubmatch(text, -1) {
		out = append(out, found[1]+found[2]+found[3])
	}
	return out
}
