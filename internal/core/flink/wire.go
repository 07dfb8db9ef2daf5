package flink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// ConfigurationOf returns the Flink configuration of a specification, in which
// it may be nested and have numbers and booleans. Nulls are left out.
func ConfigurationOf(spec Tree) Configuration {
	flat := Flatten(spec["flinkConfiguration"])
	config := make(Configuration, len(flat))
	for key, value := range flat {
		config[key] = &value
	}
	return config
}

// UnmarshalJSON reads a flinkConfiguration in every form that the custom
// resource definition allows: a free object since operator 1.13, with numbers,
// booleans, lists and nested objects (see Flatten). A null stays one.
func (c *Configuration) UnmarshalJSON(text []byte) error {
	var plain map[string]*string
	if json.Unmarshal(text, &plain) == nil {
		// The usual form, and the only one that this provider writes.
		*c = plain
		return nil
	}
	value, err := decodeValue(text)
	if err != nil {
		return err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("a Flink configuration is an object, not %s", KindOf(value))
	}
	*c = ConfigurationOf(Tree{"flinkConfiguration": object})
	c.addNulls("", object)
	return nil
}

func (c *Configuration) addNulls(prefix string, object map[string]any) {
	for key, value := range object {
		switch value := value.(type) {
		case nil:
			(*c)[prefix+key] = nil
		case map[string]any:
			c.addNulls(prefix+key+".", value)
		}
	}
}

// UnmarshalJSON reads amounts that are texts or numbers, both of which the custom
// resource definition allows (x-kubernetes-int-or-string). A null is no amount.
func (a *Amounts) UnmarshalJSON(text []byte) error {
	var values map[string]*scalar
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	*a = nil
	for name, value := range values {
		if value == nil {
			continue
		}
		if *a == nil {
			*a = Amounts{}
		}
		(*a)[name] = string(*value)
	}
	return nil
}

// UnmarshalJSON reads a size whose parts are texts or numbers.
func (r *Resource) UnmarshalJSON(text []byte) error {
	var parts struct {
		CPU              *json.Number `json:"cpu"`
		Memory           *scalar      `json:"memory"`
		EphemeralStorage *scalar      `json:"ephemeralStorage"`
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	*r = Resource{Memory: (*string)(parts.Memory), EphemeralStorage: (*string)(parts.EphemeralStorage)}
	if parts.CPU != nil {
		cores, err := parts.CPU.Float64()
		if err != nil {
			return fmt.Errorf("%q is no number of cores", *parts.CPU)
		}
		r.CPU = &cores
	}
	return nil
}

// scalar is the text of a JSON string, number or boolean.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(s))
	}
	value, err := decodeValue(text)
	if err != nil {
		return err
	}
	switch value.(type) {
	case map[string]any, []any:
		return fmt.Errorf("a string or a number is expected, not %s", KindOf(value))
	}
	*s = scalar(scalarText(value))
	return nil
}

// decodeValue decodes JSON; numbers keep their text.
func decodeValue(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	return value, nil
}

// KindOf names what a value of a Tree or Document is, without showing it: "a
// number", "an object".
func KindOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any, Document:
		return "an object"
	case json.Number:
		if strings.ContainsAny(value.String(), ".eE") {
			return "a fraction"
		}
	}
	return "a number"
}
