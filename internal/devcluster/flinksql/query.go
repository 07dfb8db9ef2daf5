package flinksql

import "slices"

// Words that cannot be in a query, and words and characters that cannot be its last.
var (
	notInQuery = []string{"ALTER", "BEGIN", "CALL", "CREATE", "DELETE", "DROP", "EXECUTE", "EXPLAIN", "INSERT", "MERGE", "SHOW", "TRUNCATE", "UPDATE"}
	notLast    = []string{"SELECT", "WITH", "ALL", "FROM", "WHERE", "BY", "AND", "OR", "NOT", "ON", "JOIN", "UNION", "HAVING", "GROUP", "ORDER", "AS", "VALUES", ",", "=", "+", "-", "*", "/", "<", ">", "."}
	// Functions whose arguments have a FROM between them.
	fromInside = []string{"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY", "POSITION"}
	// What comes behind TABLE and a name.
	behindTable = []string{")", ";", "EXCEPT", "FETCH", "INTERSECT", "LIMIT", "OFFSET", "ORDER", "UNION"}
	// What ends the list of tables.
	afterTables = []string{"WHERE", "GROUP", "HAVING", "ORDER", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "LIMIT", "FETCH", "OFFSET", "SELECT"}
)

// level is what is between two brackets of a query.
type level struct {
	// tables tells that it is in the list of tables, and next that a table comes.
	tables, next bool
	// arguments are those of a function with a FROM of its own, and cases the CASEs
	// that have not ended.
	arguments bool
	cases     int
}

// query reads a query: where its brackets close and where it ends, and the tables that it
// names. What it says of them it does not look at.
func (r *reader) query(at int) (end int, ok bool) {
	first := at
	for r.tokens[first].is("(") {
		first++
	}
	if !r.tokens[first].is("SELECT", "WITH", "VALUES", "TABLE") {
		return 0, r.fails(first, false, true)
	}
	if r.tokens[first].is("TABLE") {
		if _, after, ok := r.name(first + 1); !ok || r.tokens[after].kind != tokenEnd && !r.tokens[after].is(behindTable...) {
			return 0, ok && r.fails(after, false, false)
		}
	}
	levels, own := []level{{}}, r.own(at)
	for ; ; at++ {
		t, in := r.tokens[at], &levels[len(levels)-1]
		switch {
		case t.kind == tokenEnd, t.is(";"):
			if len(levels) > 1 || at > 0 && (r.tokens[at-1].is(notLast...) && !r.starred(at-1)) {
				return 0, r.fails(at, false, false)
			}
			return at, true
		case t.is("("):
			in.next = false
			levels = append(levels, level{arguments: at > 0 && r.tokens[at-1].is(fromInside...)})
		case t.is(")") && len(levels) == 1:
			return 0, r.fails(at, false, false)
		case t.is(")"):
			levels = levels[:len(levels)-1]
		case t.is("SELECT") && r.tokens[at+1].is("FROM", "WHERE"):
			return 0, r.fails(at+1, true, false)
		case t.is("'", "`"):
			return 0, r.fails(at, false, false)
		case t.is(notInQuery...), t.is("END") && in.cases == 0:
			return 0, r.fails(at, true, false)
		case t.is("CASE"):
			in.cases++
		case t.is("END"):
			in.cases--
		case t.is("FROM") && !in.arguments && !r.tokens[at-1].is("DISTINCT"):
			in.tables, in.next = true, true
		case t.is("JOIN"), t.is(",") && in.tables, t.is("TABLE"):
			in.next = true
		case t.is(afterTables...):
			in.tables, in.next = false, false
		case in.next && t.names():
			in.next = false
			found, after, _ := r.name(at)
			isOwn := len(found.parts) == 1 && slices.Contains(own, found.parts[0])
			if isFunction := r.tokens[after].is("("); !isFunction && !isOwn {
				r.read.queried = append(r.read.queried, found)
			}
			at = after - 1
		}
	}
}

// starred tells whether a token is the star of all columns.
func (r *reader) starred(at int) bool {
	return r.tokens[at].is("*") && r.tokens[at-1].is("SELECT", ",", ".", "(", "DISTINCT", "ALL")
}

// own returns the names that a query gives to queries inside of it, with WITH.
func (r *reader) own(at int) []string {
	var names []string
	for ; r.tokens[at].kind != tokenEnd && !r.tokens[at].is(";"); at++ {
		if !r.tokens[at].is("WITH", ",") || !r.tokens[at+1].names() {
			continue
		}
		behind := at + 2
		if r.tokens[behind].is("(") {
			if behind = r.closed(behind); behind < 0 {
				continue
			}
		}
		if r.tokens[behind].is("AS") && r.tokens[behind+1].is("(") {
			names = append(names, r.tokens[at+1].value)
		}
	}
	return names
}
