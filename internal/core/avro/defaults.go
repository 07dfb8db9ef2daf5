package avro

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

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

// refusesBytes is for bytes, which a text has as the code points 0 to 255.
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
	if count := utf8.RuneCountInString(text); s.kind == kindFixed && int64(count) != s.size {
		return fmt.Sprintf("%s has %d bytes", word(value), count)
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
// which is looked at by itself.
func (s *schema) refusesFields(value any) string {
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
