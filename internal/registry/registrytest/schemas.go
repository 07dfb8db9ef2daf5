package registrytest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/hamba/avro/v2"
)

// form is a way to write a schema in which schemas that count as the same are equal.
type form func(schema any) any

// sorted has the keys in order, and no blanks, as encoding/json writes them.
func sorted(schema any) any { return schema }

// collapsed has a type that is an object of nothing else as its name, too.
func collapsed(schema any) any { return rewritten(schema, false) }

// bare is collapsed without doc and aliases.
func bare(schema any) any { return rewritten(schema, true) }

func rewritten(schema any, strip bool) any {
	switch value := schema.(type) {
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = rewritten(element, strip)
		}
		return out
	case map[string]any:
		if inner, ok := value["type"]; ok && len(value) == 1 {
			return rewritten(inner, strip)
		}
		out := map[string]any{}
		for key, element := range value {
			if key == "default" {
				out[key] = element
			} else if !strip || key != "doc" && key != "aliases" {
				out[key] = rewritten(element, strip)
			}
		}
		return out
	}
	return schema
}

// in writes a schema in a form; a text that is no JSON as it is.
func in(f form, text string) string {
	var schema any
	if json.Unmarshal([]byte(text), &schema) != nil {
		return text
	}
	written, err := json.Marshal(f(schema))
	if err != nil {
		return text
	}
	return string(written)
}

// parsed reads a schema, on its own: what another one defines is not known to it.
func parsed(text string) (avro.Schema, error) {
	return avro.ParseWithCache(text, "", &avro.SchemaCache{})
}

// disagreement is why a schema is not compatible with a version.
type disagreement struct {
	with version
	text string
}

// compare says why a schema is not compatible with any of some versions at a level;
// nil when it is.
func compare(level, text string, versions []version) *disagreement {
	backward, forward := strings.HasPrefix(level, "BACKWARD"), strings.HasPrefix(level, "FORWARD")
	if strings.HasPrefix(level, "FULL") {
		backward, forward = true, true
	}
	for _, old := range versions {
		// Both were read before.
		given, _ := parsed(text)
		has, _ := parsed(old.text)
		rules := avro.NewSchemaCompatibility()
		if backward {
			if err := rules.Compatible(given, has); err != nil {
				return &disagreement{old, err.Error()}
			}
		}
		if forward {
			if err := rules.Compatible(has, given); err != nil {
				return &disagreement{old, err.Error()}
			}
		}
	}
	return nil
}

// lacking is how the library names a field that only the reader has.
var lacking = regexp.MustCompile(`reader field (\S+) is missing`)

// field returns the name of the field that is missing; empty when it is something else.
func (d disagreement) field() string {
	if found := lacking.FindStringSubmatch(d.text); found != nil {
		return found[1]
	}
	return ""
}

// messages says it as a product does that is asked to compare.
func (d disagreement) messages(p Product, level string) []string {
	switch p {
	case Confluent:
		kind, text, more := "TYPE_MISMATCH", "The type (path '/') of a field in the new schema does not match with the old schema", d.text
		if name := d.field(); name != "" {
			kind, more = "READER_FIELD_MISSING_DEFAULT_VALUE", name
			text = fmt.Sprintf("The field '%s' at path '/fields' in the new schema has no default value and is missing in the old schema", name)
		}
		return []string{
			fmt.Sprintf("{errorType:'%s', description:'%s', additionalInfo:'%s'}", kind, text, more),
			fmt.Sprintf("{oldSchemaVersion: %d}", d.with.number), fmt.Sprintf("{oldSchema: '%s'}", d.with.text),
			fmt.Sprintf("{validateFields: 'false', compatibility: '%s'}", level),
		}
	case Karapace:
		if name := d.field(); name != "" {
			return []string{name}
		}
		return []string{d.text}
	case Apicurio:
	}
	return nil
}

// refusal says it as a product does that is asked to register.
func (d disagreement) refusal(p Product, subject, level string) string {
	switch p {
	case Confluent:
		return fmt.Sprintf("Schema being registered is incompatible with an earlier schema for subject %q, details: [%s]", subject, strings.Join(d.messages(p, level), ", "))
	case Karapace:
		return fmt.Sprintf("Incompatible schema, compatibility_mode=%s. Incompatibilities: %s", level, strings.Join(d.messages(p, level), ", "))
	case Apicurio:
	}
	what := d.text
	if name := d.field(); name != "" {
		what = name
	}
	return fmt.Sprintf("io.apicurio.registry.rules.violation.RuleViolationException: Incompatible artifact: %s [AVRO], num of incompatible diffs: {1}, list of diff types: [%s at /fields]", subject, what)
}
