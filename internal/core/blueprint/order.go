package blueprint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Order is in which order changed streamlets begin.
type Order struct {
	// Phases are the streamlets that begin together, sorted, one phase after the other.
	Phases [][]string
	// Notes say why, one for each decision, sorted by topic.
	Notes []Note
}

// Note is what a plan says of an order.
type Note struct {
	// Topics are those whose schemas decide, sorted.
	Topics []string
	Text   string
	// Free tells that any order does.
	Free bool
	// Unsafe tells that some records cannot be read on the way, whatever the order.
	Unsafe bool
}

// Phases orders the changed streamlets of an application; before is it as it was, nil
// for none. Where the schemas of a topic change, its consumers begin first when only
// their new schemas read the old and the new records, and its producers when
// only the old schemas of the consumers read the new ones. Nothing else orders. Names that
// the application has no more are left out.
func Phases(before *Application, after Application, changed []string, schemas Schemas) Order {
	o := orderer{compare: newComparer(schemas), after: after, number: map[string]int{}}
	for _, name := range changed {
		if _, has := after.Streamlets[name]; has {
			o.changed = append(o.changed, name)
		}
	}
	slices.Sort(o.changed)
	o.changed = slices.Compact(o.changed)
	for i, name := range o.changed {
		o.number[name] = i
	}
	if before != nil && schemas != nil {
		o.demand(*before)
	}
	return o.order()
}

// orderer collects what has to begin before what.
type orderer struct {
	compare *comparer
	after   Application
	changed []string
	// number is that of a changed streamlet, in changed.
	number map[string]int
	gates  []gate
	notes  []Note
}

// gate is a demand: all of first begin before any of then. It is a node of its own, because
// two groups have more pairs than members.
type gate struct {
	first, then []string
	note        Note
}

// class are the streamlets of a topic whose schemas change in the same way.
type class struct {
	// old and young are the schemas, sorted.
	old, young []string
	streamlets []string
}

// demand compares the schemas of each topic that was there before.
func (o *orderer) demand(before Application) {
	was, is := before.joints(), o.after.joints()
	same := sameTopics(before, was, o.after, is)
	for _, key := range is.topics {
		old, existed := same[key]
		if !existed {
			continue
		}
		writers := o.classes(before, was.ends[old][outlet], is.ends[key][outlet])
		readers := o.classes(before, was.ends[old][inlet], is.ends[key][inlet])
		for _, w := range writers {
			for _, r := range readers {
				o.decide(key, r, w)
			}
		}
	}
}

// sameTopics are the former keys of topics, by the present ones: a topic is the same when its
// name in Kafka is, or while that is not known, its key.
func sameTopics(before Application, was joints, after Application, is joints) map[string]string {
	named := map[string]string{}
	for _, key := range was.topics {
		if t := before.Topics[key]; !t.NameUnknown {
			named[t.Named(key)] = key
		}
	}
	same := map[string]string{}
	for _, key := range is.topics {
		t := after.Topics[key]
		if !t.NameUnknown {
			if old, has := named[t.Named(key)]; has {
				same[key] = old
			}
		} else if _, has := before.Topics[key]; has {
			same[key] = key
		}
	}
	return same
}

// classes are the changed streamlets at one side of a topic whose schemas change, by how they do.
func (o *orderer) classes(before Application, was, is []end) []*class {
	old, young := schemasOf(before, was), schemasOf(o.after, is)
	byChange := map[string]*class{}
	var out []*class
	for _, name := range slices.Sorted(maps.Keys(young)) {
		if _, changes := o.number[name]; !changes {
			continue
		}
		former := name
		if from := o.after.Streamlets[name].MovedFrom; from != "" {
			former = from
		}
		if slices.Equal(old[former], young[name]) || slices.Contains(young[name], "") || slices.Contains(old[former], "") {
			continue
		}
		change := strings.Join(old[former], "\x00") + "\x01" + strings.Join(young[name], "\x00")
		c := byChange[change]
		if c == nil {
			c = &class{old: old[former], young: young[name]}
			byChange[change] = c
			out = append(out, c)
		}
		c.streamlets = append(c.streamlets, name)
	}
	return out
}

// schemasOf are the schemas of ports by streamlet, each once, sorted; the empty text for one
// that there is not, or that is not known yet.
func schemasOf(a Application, ends []end) map[string][]string {
	out := map[string][]string{}
	for _, e := range ends {
		text := a.port(e).Schema
		if a.port(e).Unknown {
			text = ""
		}
		out[e.streamlet] = append(out[e.streamlet], text)
	}
	for name := range out {
		slices.Sort(out[name])
		out[name] = slices.Compact(out[name])
	}
	return out
}

// decide demands an order of the readers and the writers of a topic.
func (o *orderer) decide(key string, r, w *class) {
	// One that reads what it writes changes in one go.
	reading, writing := r.streamlets, w.streamlets
	switch {
	case len(writing) == 1:
		reading = without(reading, writing[0])
	case len(reading) == 1:
		writing = without(writing, reading[0])
	}
	if len(reading) == 0 || len(writing) == 0 {
		return
	}
	readersFirst, writersFirst := o.reads(r.young, w.old), o.reads(r.old, w.young)
	readers, writers := listed(reading), listed(writing)
	note := Note{Topics: []string{key}}
	switch {
	case readersFirst && writersFirst:
		note.Free = true
		note.Text = fmt.Sprintf("Topic %q: %s and %s in any order, because their old and new schemas read each other's records.", key, readers, writers)
		o.notes = append(o.notes, note)
	case readersFirst:
		note.Text = fmt.Sprintf("Topic %q: first %s, then %s, because only the new schema of %s reads the old and the new records.", key, readers, writers, readers)
		o.gates = append(o.gates, gate{reading, writing, note})
	case writersFirst:
		note.Text = fmt.Sprintf("Topic %q: first %s, then %s, because the old schema of %s reads the new records, and the new one does not read the old ones. All of those have to be read before it changes.", key, writers, readers, readers)
		o.gates = append(o.gates, gate{writing, reading, note})
	default:
		note.Unsafe = true
		note.Text = fmt.Sprintf("Topic %q: %s and %s in any order, because none is right: the old schema of %s does not read the new records, and the new one does not read the old ones. Change the schemas in two steps, or take another topic.", key, readers, writers, readers)
		o.notes = append(o.notes, note)
	}
}

// reads tells whether all readers read what all writers have written.
func (o *orderer) reads(readers, writers []string) bool {
	for _, reader := range readers {
		for _, writer := range writers {
			if len(o.compare.unreadable(reader, writer)) > 0 {
				return false
			}
		}
	}
	return true
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other == name })
}
