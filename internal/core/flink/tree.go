package flink

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Tree is a specification as decoded JSON: objects are map[string]any, lists
// []any, numbers json.Number. It is the form in which specifications are
// merged, compared and sent.
type Tree = map[string]any

// TreeOf returns v, a typed specification or a part of one, as a Tree.
func TreeOf(v any) (Tree, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode specification: %w", err)
	}
	return ParseTree(text)
}

// ParseTree decodes a JSON object. Numbers keep their text.
func ParseTree(text []byte) (Tree, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree Tree
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("decode specification: %w", err)
	}
	return tree, nil
}

// SpecOf returns the typed form of a specification's Tree. Fields that the type
// does not know are ignored.
func SpecOf(tree Tree) (DeploymentSpec, error) {
	var spec DeploymentSpec
	text, err := json.Marshal(tree)
	if err != nil {
		return spec, fmt.Errorf("encode specification: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	// Numbers of a pod template keep all their digits.
	decoder.UseNumber()
	if err := decoder.Decode(&spec); err != nil {
		return spec, fmt.Errorf("decode specification: %w", err)
	}
	return spec, nil
}
