package flink

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence returns the text of an error as a sentence: with a capital letter
// and a full stop.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return text
	}
	text = Capital(text)
	if !strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		text += "."
	}
	return text
}

// Capital returns a text with a capital first letter.
func Capital(text string) string {
	if first, size := utf8.DecodeRuneInString(text); unicode.IsLower(first) {
		return string(unicode.ToUpper(first)) + text[size:]
	}
	return text
}
