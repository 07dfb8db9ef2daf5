package avro

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// floating matches what Java's Double.valueOf takes, but for hexadecimal numbers.
var floating = regexp.MustCompile(`^\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?)\s*$`)

// refuses says why the default does not fit the field, empty for one that does. JSON has
// no number for NaN and the infinities, so Java takes a text for a field of float and
// of double.
func (f *field) refuses() string {
	text, ok := f.value.(string)
	if ok && (f.typ.kind == kindFloat || f.typ.kind == kindDouble) && floating.MatchString(text) {
		return ""
	}
	return f.typ.refuses(f.value)
}

// refuses says why a JSON value is no default of the type, empty for one that is. Of a
// union, any branch may have it.
func (s *schema) refuses(value any) string {
	fits := true
	switch s.kind {
	case kindNull:
		fits = value == nil
	case kindBoolean:
		_, fits = value.(bool)
	case kindInt, kindLong:
		number, _ := value.(json.Number)
		_, fits = whole(number, s.bits())
	case kindFloat, kindDouble:
		_, fits = value.(json.Number)
	case kindString:
		_, fits = value.(string)
	case kindBytes, kindFixed:
		return s.refusesBytes(value)
	case kindEnum:
		symbol, ok := value.(string)
		if ok && !slices.Contains(s.symbols, symbol) {
			return fmt.Sprintf("%s has no symbol %q", s, symbol)
		}
		fits = ok
	case kindArray:
		return s.refusesItems(value)
	case kindMap:
		return s.refusesValues(value)
	case kindRecord, kindError:
		return s.refusesFields(value)
	case kindUnion:
		fits = slices.ContainsFunc(s.branches, func(branch *schema) bool { return branch.refuses(value) == "" })
	}
	if !fits {
		return fmt.Sprintf("%s is no %s", word(value), s)
	}
	return ""
}

// bits is the width of an int and of a long.
func (s *schema) bits() int {
	if s.kind == kindInt {
		return 32
	}
	return 64
}

// whole is a number without a fraction that has so many bits.
func whole(number json.Number, bits int) (int64, bool) {
	value, err := strconv.ParseInt(number.String(), 10, bits)
	return value, err == nil
}

// refusesBytes is for bytes, which a text has as the code points 0 to 255. All who read
// a fixed cut a text that is too long, and append zeros to one that is too short.
func (s *schema) refusesBytes(value any) string {
	text, ok := value.(string)
	if !ok {
		return fmt.Sprintf("%s is no %s", word(value), s)
	}
	for _, r := range text {
		if r > 255 {
			return fmt.Sprintf("the character %q is no byte", r)
		}
	}
	return ""
}

func (s *schema) refusesItems(value any) string {
	values, ok := value.([]any)
	if !ok {
		return fmt.Sprintf("%s is no %s", word(value), s)
	}
	for _, value := range values {
		if reason := s.items.refuses(value); reason != "" {
			return reason
		}
	}
	return ""
}

func (s *schema) refusesValues(value any) string {
	values, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s is no %s", word(value), s)
	}
	for _, value := range values {
		if reason := s.items.refuses(value); reason != "" {
			return reason
		}
	}
	return ""
}

// refusesFields is for records. What the value leaves out is the default of its field,
// which is looked at by itself. A record has no value within itself: no implementation
// knows its fields there.
func (s *schema) refusesFields(value any) string {
	if s.fields == nil {
		return fmt.Sprintf("the default has %s, within its own definition", s)
	}
	values, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s is no %s", word(value), s)
	}
	for _, f := range s.fields {
		value, ok := values[f.name]
		switch {
		case !ok && !f.hasDefault:
			return fmt.Sprintf("it has no field %s of %s", f.name, s)
		case ok:
			if reason := f.typ.refuses(value); reason != "" {
				return reason
			}
		}
	}
	return ""
}
