package tfkit

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// layout says which fields of a struct hold which attributes of an object. A field
// with a tag tfsdk holds the attribute that the tag names, which may be one of a
// nested object ("upgrade.mode"). Every other field holds the attribute of its JSON
// name, as flink.AttributeName writes it. Where both name one attribute, it is the
// tag's. Neither the fields nor the attributes need a counterpart: types with
// fewer attributes share a struct with those that have more.
type layout []place

// place is a field of a struct and its attribute.
type place struct {
	// name is that of the attribute, and within are the names that lead on from
	// there into nested objects.
	name   string
	within []string
	index  []int
	tagged bool
	// framework tells of a field that keeps a value of the framework.
	framework bool
}

var (
	attrValue = reflect.TypeFor[attr.Value]()
	layouts   sync.Map
)

func layoutOf(of reflect.Type) layout {
	known, _ := layouts.Load(of)
	if out, ok := known.(layout); ok {
		return out
	}
	var out layout
	out.collect(of, nil)
	layouts.Store(of, out)
	return out
}

func (l *layout) collect(of reflect.Type, within []int) {
	for i := range of.NumField() {
		field := of.Field(i)
		index := append(slices.Clip(within), i)
		tag, tagged := field.Tag.Lookup("tfsdk")
		encoded, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && !tagged:
			l.collect(field.Type, index)
			continue
		case !field.IsExported() || !tagged && encoded == "":
			continue
		case !tagged:
			tag = flink.AttributeName(encoded)
		}
		names := strings.Split(tag, ".")
		l.add(place{name: names[0], within: names[1:], index: index, tagged: tagged, framework: field.Type.Implements(attrValue)})
	}
}

func (l *layout) add(p place) {
	at := slices.IndexFunc(*l, func(other place) bool {
		return other.name == p.name && slices.Equal(other.within, p.within)
	})
	switch {
	case at < 0:
		*l = append(*l, p)
	case p.tagged:
		(*l)[at] = p
	}
}

// AttributesOf returns the names of the attributes that a struct has fields for,
// sorted.
func AttributesOf(fields any) []string {
	var out []string
	for _, p := range layoutOf(reflect.TypeOf(fields)) {
		out = append(out, p.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
