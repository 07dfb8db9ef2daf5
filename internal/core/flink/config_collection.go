package flink

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readList returns the elements of a list: from Flink 2.0 on those of a YAML
// sequence, and in all versions texts between semicolons
// (ConfigurationUtils.convertToList).
func readList(text string, in dialect) ([]string, bool) {
	if in.yamlCollections {
		if list, ok := yamlList(text); ok {
			return list, true
		}
	}
	return splitQuoted(text, ';')
}

// readMap returns the entries of a map: from Flink 2.0 on those of a YAML mapping, and
// in all versions "key:value" between commas, each key once
// (ConfigurationUtils.convertToProperties).
func readMap(text string, in dialect) (map[string]string, bool) {
	if in.yamlCollections {
		if entries, ok := yamlMap(text); ok {
			return entries, true
		}
	}
	pairs, ok := splitQuoted(text, ',')
	if !ok {
		return nil, false
	}
	entries := map[string]string{}
	for _, pair := range pairs {
		parts, ok := splitQuoted(pair, ':')
		if !ok || len(parts) != 2 {
			return nil, false
		}
		if _, twice := entries[parts[0]]; twice {
			return nil, false
		}
		entries[parts[0]] = parts[1]
	}
	return entries, true
}

// splitQuoted is StructuredOptionsSplitter.splitEscaped: parts between delimiters, of
// which those in single or double quotes may hold the delimiter, and the quote itself
// twice.
func splitQuoted(text string, delimiter rune) ([]string, bool) {
	type token struct {
		text      string
		delimiter bool
	}
	var tokens []token
	runes := []rune(text)
	for at := 0; at < len(runes); {
		switch r := runes[at]; {
		case r == '\'' || r == '"':
			part, next, ok := quotedPart(runes, at)
			if !ok {
				return nil, false
			}
			tokens, at = append(tokens, token{text: part}), next
		case r == delimiter:
			tokens, at = append(tokens, token{delimiter: true}), at+1
		case !javaWhitespace(r):
			end := at
			for end < len(runes) && runes[end] != delimiter {
				end++
			}
			tokens, at = append(tokens, token{text: TrimBlanks(string(runes[at:end]))}), end
		default:
			at++
		}
	}
	var parts []string
	for i, t := range tokens {
		switch {
		case !t.delimiter && i > 0 && !tokens[i-1].delimiter:
			return nil, false
		case !t.delimiter:
			parts = append(parts, t.text)
		case i+1 < len(tokens) && tokens[i+1].delimiter:
			parts = append(parts, "")
		}
	}
	return parts, true
}

// quotedPart returns the text of the quotes that begin at an index, and the index
// behind them.
func quotedPart(runes []rune, at int) (part string, next int, ok bool) {
	quote := runes[at]
	var inner []rune
	for at++; at < len(runes); at++ {
		if runes[at] == quote {
			if at+1 == len(runes) || runes[at+1] != quote {
				return string(inner), at + 1, true
			}
			at++
		}
		inner = append(inner, runes[at])
	}
	return "", 0, false
}

// javaWhitespace is Character.isWhitespace for the characters that texts have.
func javaWhitespace(r rune) bool {
	return '\t' <= r && r <= '\r' || 0x1c <= r && r <= ' ' || r == 0x1680 || 0x2000 <= r && r <= 0x200a && r != 0x2007 || r == 0x2028 || r == 0x2029 || r == 0x205f || r == 0x3000
}

// yamlList and yamlMap read YAML as Flink does: what is no collection, or has null for an
// element, a key or a value, is a text to it.
func yamlList(text string) ([]string, bool) {
	top := collectionNode(text)
	if top == nil || top.Kind != yaml.SequenceNode {
		return nil, false
	}
	list := make([]string, 0, len(top.Content))
	for _, item := range top.Content {
		if isNull(item) {
			return nil, false
		}
		list = append(list, elementText(item))
	}
	return list, true
}

func yamlMap(text string) (map[string]string, bool) {
	top := collectionNode(text)
	if top == nil || top.Kind != yaml.MappingNode {
		return nil, false
	}
	entries := map[string]string{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		if _, twice := entries[elementText(key)]; twice || isNull(key) || isNull(value) {
			return nil, false
		}
		entries[elementText(key)] = elementText(value)
	}
	return entries, true
}

// collectionNode returns the top of a YAML text that is one document, nil for any other.
func collectionNode(text string) *yaml.Node {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil || len(document.Content) != 1 {
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil
	}
	return document.Content[0]
}

const quotedStyles = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Style&quotedStyles == 0 && plainScalar(node.Value) == "null"
}

// elementText is an element of a YAML collection as Flink makes a text of it: a scalar as
// Java writes it, a collection as YAML in one line.
func elementText(node *yaml.Node) string {
	parts := make([]string, 0, len(node.Content))
	switch node.Kind {
	case yaml.SequenceNode:
		for _, item := range node.Content {
			parts = append(parts, elementText(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			parts = append(parts, elementText(node.Content[i])+": "+elementText(node.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
	}
	if node.Style&quotedStyles != 0 {
		return node.Value
	}
	return plainScalar(node.Value)
}

// The scalars of YAML's core schema that are no texts, as snakeyaml-engine reads them.
var (
	coreInteger = regexp.MustCompile(`^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	coreFloat   = regexp.MustCompile(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// plainScalar is a scalar without quotes as Java writes what the core schema makes of it.
func plainScalar(text string) string {
	switch text {
	case "true", "True", "TRUE":
		return "true"
	case "false", "False", "FALSE":
		return "false"
	case "null", "Null", "NULL", "~", "":
		return "null"
	}
	switch {
	case coreInteger.MatchString(text):
		digits, base := strings.TrimPrefix(text, "+"), 10
		if len(digits) > 1 && digits[:2] == "0o" {
			digits, base = digits[2:], 8
		} else if len(digits) > 1 && digits[:2] == "0x" {
			digits, base = digits[2:], 16
		}
		if n, ok := new(big.Int).SetString(digits, base); ok {
			return n.String()
		}
	case coreFloat.MatchString(text):
		return yamlFloat(text)
	}
	return text
}

// yamlFloat is a number as Flink writes it again: Java's Double.toString, but for what is
// no number of a finite size.
func yamlFloat(text string) string {
	value, err := strconv.ParseFloat(strings.TrimPrefix(text, "+"), 64)
	switch lower := strings.ToLower(strings.TrimPrefix(text, "+")); {
	case lower == ".nan" || lower == ".inf" || lower == "-.inf":
		return lower
	case err != nil && value < 0:
		return "-.inf"
	case err != nil:
		return ".inf"
	}
	return javaDouble(value)
}

// textsMeaning and mapMeaning are equal for lists and maps with the same elements.
func textsMeaning(list []string) string {
	quoted := make([]string, 0, len(list))
	for _, text := range list {
		quoted = append(quoted, asciiQuoted(text))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

func mapMeaning(entries map[string]string) string {
	parts := make([]string, 0, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		parts = append(parts, asciiQuoted(key)+":"+asciiQuoted(entries[key]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// asciiQuoted is a text as a string of JSON.
func asciiQuoted(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
