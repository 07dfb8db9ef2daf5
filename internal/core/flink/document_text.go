package flink

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// FormatDocument returns a document as YAML text that ParseDocument reads back:
// keys sorted, numbers with all their digits, texts of several lines as blocks,
// and texts in quotes that a reader of YAML 1.1, such as Kubernetes, could take
// for something else ("yes", "0644", "1e3").
func FormatDocument(document Document) (string, error) {
	tree, err := TreeOf(document)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(yamlNode(tree)); err != nil {
		return "", fmt.Errorf("write the document as YAML: %w", err)
	}
	return text.String(), nil
}

// yamlNode returns decoded JSON as a node in block style.
func yamlNode(value any) *yaml.Node {
	switch value := value.(type) {
	case map[string]any:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			node.Content = append(node.Content, yamlText(key), yamlNode(value[key]))
		}
		return node
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, element := range value {
			node.Content = append(node.Content, yamlNode(element))
		}
		return node
	case string:
		return yamlText(value)
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}
	default:
		// Numbers and booleans: a node without a tag is written as it is.
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(value)}
	}
}

var (
	// plainText matches texts that no version of YAML takes for something else,
	// apart from the words.
	plainText  = regexp.MustCompile(`^[A-Za-z_/]([A-Za-z0-9_./:=@+-]*[A-Za-z0-9_/])?$`)
	plainWords = regexp.MustCompile(`(?i)^(y|yes|n|no|on|off|true|false|null)$`)
)

func yamlText(text string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	switch {
	case isBlock(text):
		node.Style = yaml.LiteralStyle
	case !plainText.MatchString(text) || plainWords.MatchString(text):
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// isBlock tells whether a text of several lines can be written as a block: the
// library writes blocks that begin with blanks wrongly.
func isBlock(text string) bool {
	if !strings.Contains(text, "\n") || strings.TrimLeftFunc(text, unicode.IsSpace) != text {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}
