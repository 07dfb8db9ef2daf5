package flinksql

import (
	"fmt"
	"slices"
	"strings"
)

// What begins the words of Flink for a text that it cannot parse, unless the text ends
// too early, and for a query that does not hold.
const (
	parseFault      = "SQL parse failed. "
	validationFault = "SQL validation failed. "
)

// A pattern of a sentence has its words in capitals and its characters as they are. In
// small letters are
//
//	name                     a name that is taken as it is
//	table, view, sink        the name of a table or view that has to be there
//	source                   the name of a table that a new one is like
//	new                      the name of what comes into being
//	described, shown         the name of a table or view that has to be there, too
//	queried                  the same, where it is missing as in a query
//	database, catalog        the name of one that has to be there
//	text, number, key        a text in quotes, a number, words with dots between them
//	setting                  a key = a value, both without quotes
//	group                    anything between round brackets
//	query                    a query, to its end
//	rest, more               anything up to the end, which more does not leave out
//
// [ a ] can be left out, { a | b } is one of both, and a * or + behind the braces lets
// them come several times.
type pattern []node

// node is a part of a pattern: a word, a slot in small letters, or several ways to go
// on.
type node struct {
	word, slot string
	ways       []pattern
	optional   bool
	repeats    bool
}

// compile reads a pattern.
func compile(text string) pattern {
	words := strings.Fields(text)
	read, left := pattern(nil), words
	for len(left) > 0 {
		var n node
		n, left = compileNode(left)
		read = append(read, n)
	}
	return read
}

func compileNode(words []string) (n node, left []string) {
	word, left := words[0], words[1:]
	switch {
	case word == "[" || word == "{":
		n, way := node{optional: word == "["}, pattern(nil)
		for {
			switch left[0] {
			case "|":
				n.ways, way, left = append(n.ways, way), nil, left[1:]
				continue
			case "]", "}":
				n.ways, left = append(n.ways, way), left[1:]
				if len(left) > 0 && (left[0] == "*" || left[0] == "+") {
					n.repeats, n.optional, left = true, left[0] == "*", left[1:]
				}
				return n, left
			}
			var inner node
			inner, left = compileNode(left)
			way = append(way, inner)
		}
	case word == strings.ToLower(word) && strings.ToUpper(word) != word:
		return node{slot: word}, left
	}
	return node{word: word}, left
}

// reading is what a sentence has in the places of its pattern.
type reading struct {
	words []string
	names []name
	// queried are the tables that its queries name.
	queried []name
	// next is where another sentence follows, 0 for nowhere.
	next int
}

// name is a name of up to three parts, and what it is there for.
type name struct {
	slot     string
	parts    []string
	from, to position
}

func (r reading) has(word string) bool { return slices.Contains(r.words, word) }

// reader reads a text by one pattern after the other, and keeps how far it has come.
type reader struct {
	tokens []token
	read   reading
	// far is the furthest token that no pattern has a place for, and wantsName and
	// wantsQuery what would have had one.
	far                   int
	wantsName, wantsQuery bool
}

// whole reads a text to its end by a pattern.
func (r *reader) whole(p pattern) (reading, bool) {
	r.read = reading{}
	ok := r.follow(p, 0, func(at int) bool {
		for at > 0 && r.tokens[at].is(";") {
			at++
		}
		if r.tokens[at].kind == tokenEnd {
			return true
		}
		r.read.next = at
		return at > 0 && r.tokens[at-1].is(";") || r.fails(at, false, false)
	})
	return r.read, ok
}

// fails notes that a token has no place.
func (r *reader) fails(at int, wantsName, wantsQuery bool) bool {
	if at > r.far {
		r.far, r.wantsName, r.wantsQuery = at, false, false
	}
	if at == r.far {
		r.wantsName, r.wantsQuery = r.wantsName || wantsName, r.wantsQuery || wantsQuery
	}
	return false
}

// follow reads by a pattern from a token on, and then by what follows the pattern.
func (r *reader) follow(p pattern, at int, then func(at int) bool) bool {
	if len(p) == 0 {
		return then(at)
	}
	n, after := p[0], func(at int) bool { return r.follow(p[1:], at, then) }
	before := reading{words: slices.Clip(r.read.words), names: slices.Clip(r.read.names), queried: slices.Clip(r.read.queried)}
	undo := func(ok bool) bool {
		if !ok {
			r.read = before
		}
		return ok
	}
	t := r.tokens[at]
	switch {
	case n.word != "":
		if !t.is(n.word) {
			return r.fails(at, false, false)
		}
		r.read.words = append(r.read.words, n.word)
		return undo(after(at + 1))
	case n.slot != "":
		end, ok := r.slot(n.slot, at)
		return undo(ok && after(end))
	}
	for _, way := range n.ways {
		again := after
		if n.repeats {
			more := append(pattern{{ways: n.ways, optional: true, repeats: true}}, p[1:]...)
			again = func(end int) bool { return r.follow(more, end, then) }
		}
		if undo(r.follow(way, at, again)) {
			return true
		}
	}
	return n.optional && undo(after(at))
}

// slot reads what has a place of its own.
func (r *reader) slot(slot string, at int) (end int, ok bool) {
	t := r.tokens[at]
	switch slot {
	case "text":
		return at + 1, t.kind == tokenLiteral || r.fails(at, false, false)
	case "number":
		return at + 1, t.kind == tokenNumber || r.fails(at, false, false)
	case "key":
		end = r.key(at)
		return end, end > at || r.fails(at, false, false)
	case "setting":
		// The value is what comes up to a blank.
		value := r.key(at) + 1
		if value == at+1 || !r.tokens[value-1].is("=") || r.tokens[value].is(";") || r.tokens[value].kind == tokenEnd {
			return 0, r.fails(at, false, false)
		}
		for end = value + 1; r.tokens[end].start == r.tokens[end-1].stop && r.tokens[end].kind != tokenEnd && !r.tokens[end].is(";"); {
			end++
		}
		return end, true
	case "group":
		end = r.closed(at)
		switch {
		case !t.is("("):
			return 0, r.fails(at, false, false)
		case end < 0:
			return 0, r.fails(len(r.tokens)-1, false, false)
		}
		return end, true
	case "rest", "more":
		for end = at; r.tokens[end].kind != tokenEnd && !r.tokens[end].is(";"); {
			end++
		}
		return end, slot == "rest" || end > at || r.fails(at, true, false)
	case "query":
		return r.query(at)
	}
	found, end, ok := r.name(at)
	switch found.slot = slot; {
	case ok && slot == "queried":
		r.read.queried = append(r.read.queried, found)
	case ok:
		r.read.names = append(r.read.names, found)
	}
	return end, ok
}

// key goes behind words with dots between them.
func (r *reader) key(at int) (end int) {
	for end = at; r.tokens[end].kind == tokenWord || end > at && r.tokens[end].is(".", "-"); {
		end++
	}
	return end
}

// name reads a name.
func (r *reader) name(at int) (found name, end int, ok bool) {
	found.from = r.tokens[at].from
	for {
		if !r.tokens[at].names() {
			return found, at, r.fails(at, true, false)
		}
		found.parts, found.to = append(found.parts, r.tokens[at].value), r.tokens[at].to
		if at++; !r.tokens[at].is(".") {
			return found, at, true
		}
		at++
	}
}

// closed returns the token behind the bracket that closes the one at a token; -1 when
// nothing does.
func (r *reader) closed(at int) int {
	depth := 0
	for ; r.tokens[at].kind != tokenEnd; at++ {
		switch {
		case r.tokens[at].is("("):
			depth++
		case r.tokens[at].is(")"):
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return -1
}

// fault is what Flink says of a text that no pattern fits, by the furthest token that
// has no place.
func (r *reader) fault() string {
	t := r.tokens[r.far]
	// The parser reads these words together with the next one.
	if first := r.tokens[0]; r.far == 1 && (first.is("BEGIN", "SHOW", "TRUNCATE", "USE") || first.is("EXECUTE") && t.kind == tokenEnd) {
		t, r.wantsName = first, true
	}
	switch {
	case t.kind == tokenEnd:
		return fmt.Sprintf(`Encountered "<EOF>" at line %d, column %d.`, t.from.line, t.from.column)
	case r.wantsQuery && (t.names() || t.kind == tokenLiteral || t.kind == tokenNumber):
		return parseFault + "Non-query expression encountered in illegal context"
	case (r.wantsName || r.wantsQuery) && t.kind == tokenWord && t.image == strings.ToUpper(t.image):
		return parseFault + fmt.Sprintf(`Incorrect syntax near the keyword '%s' at line %d, column %d.`, t.image, t.from.line, t.from.column)
	}
	return parseFault + `Encountered "` + strings.ReplaceAll(t.image, "'", `\'`) + fmt.Sprintf(`" at line %d, column %d.`, t.from.line, t.from.column)
}
