package flink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// ParseDocument reads one YAML or JSON object, such as a pod template. Numbers
// keep their text. The error names the line where the text is wrong; a key that
// stands twice in one object is wrong too.
func ParseDocument(text string) (Document, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		// The usual case, yamlencode's sibling jsonencode, needs no YAML. What is
		// not JSON may still be YAML's flow style.
		if document, err := decodeDocument([]byte(text)); err == nil {
			return document, nil
		}
	}
	encoded, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("not valid YAML or JSON: %s", yamlFault(text, err))
	}
	if string(encoded) == "null" {
		return nil, errors.New("the text is empty; an object is expected")
	}
	if len(encoded) == 0 || encoded[0] != '{' {
		return nil, errors.New("line 1: an object is expected, with keys")
	}
	if err := refuseSecondDocument(text); err != nil {
		return nil, err
	}
	return decodeDocument(encoded)
}

func decodeDocument(encoded []byte) (Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var document Document
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not valid JSON: something stands after the object")
	}
	return document, nil
}

// refuseSecondDocument tells of a further YAML document, which the conversion to
// JSON would drop without a word.
func refuseSecondDocument(text string) error {
	decoder := yamlv2.NewDecoder(strings.NewReader(text))
	// The first document has been read already; only its end matters.
	if err := decoder.Decode(&struct{}{}); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("not valid YAML: %s", yamlFault(text, err))
	}
	for {
		var document any
		err := decoder.Decode(&document)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("not valid YAML: %s", yamlFault(text, err))
		case document != nil:
			return errors.New("the text holds more than one YAML document; one object is expected")
		}
	}
}

// noNumber matches what YAML takes for a number and JSON does not.
var noNumber = regexp.MustCompile(`(?i)[-+]?\.(nan|inf)\b`)

var yamlMessage = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line ([0-9]+): )?((?s).*)$`)

// yamlFault returns a YAML library's message with the line that is wrong. The
// library counts the lines of grammar errors from zero, leaves the first one out,
// and stands behind the text when something is missing at its end.
func yamlFault(text string, err error) string {
	var unsupported *json.UnsupportedValueError
	if at := noNumber.FindStringIndex(text); errors.As(err, &unsupported) && at != nil {
		return fmt.Sprintf("line %d: there is no number %s in JSON", strings.Count(text[:at[0]], "\n")+1, text[at[0]:at[1]])
	}
	part := yamlMessage.FindStringSubmatch(err.Error())
	if part == nil {
		return "line 1: " + err.Error()
	}
	line, _ := strconv.Atoi(part[1])
	if line == 0 || strings.HasPrefix(part[2], "did not find expected") {
		line++
	}
	line = min(line, strings.Count(strings.TrimRight(text, "\n"), "\n")+1)
	return fmt.Sprintf("line %d: %s", line, part[2])
}

// SameDocument tells whether two texts have one meaning: the same object in YAML
// or JSON, quantities by value. Texts that are no documents are the same only
// when they are equal.
func SameDocument(a, b string) bool {
	if a == b {
		return true
	}
	first, err := ParseDocument(a)
	if err != nil {
		return false
	}
	second, err := ParseDocument(b)
	if err != nil {
		return false
	}
	return sameValue(podScope, map[string]any(first), map[string]any(second))
}
