package flinksql

import (
	"fmt"
	"slices"
	"strings"
)

// refusal is why a text comes to nothing, in Flink's words.
type refusal struct {
	says string
	// missing tells that a table is not there.
	missing bool
}

// refusals are, by the slot of a name, why a text with that name comes to nothing. They
// are empty where it does not.
var refusals = map[string]func(k known, text Text, of sentence, read reading, n name) refusal{
	"sink": func(k known, text Text, _ sentence, _ reading, n name) refusal {
		at := full(text, n.parts)
		switch view, ok := k.objects[at]; {
		case !ok:
			return refusal{fmt.Sprintf("Cannot find table '%s' in any of the catalogs [%s], nor as a temporary table.", at.quoted(), strings.Join(k.catalogs(), ", ")), true}
		case view:
			return refusal{says: fmt.Sprintf("Sink '%s' does not exists", at.dotted())}
		}
		return refusal{}
	},
	"source": absent(func(at path, n name) string {
		return fmt.Sprintf("Source table '%s' of the LIKE clause not found in the catalog, at line %d, column %d", at.quoted(), n.from.line, n.from.column)
	}),
	"described": absent(func(at path, _ name) string {
		return fmt.Sprintf("Tables or views with the identifier '%s' doesn't exist.", at.dotted())
	}),
	"shown": absent(func(at path, _ name) string {
		return fmt.Sprintf("Could not execute SHOW CREATE TABLE. Table with identifier %s does not exist.", at.quoted())
	}),
	"table": func(k known, text Text, of sentence, read reading, n name) refusal {
		at := full(text, n.parts)
		switch view, ok := k.objects[at]; {
		case ok && !view, read.has("IF"):
			return refusal{}
		case of.kind == "DROP_TABLE":
			return refusal{fmt.Sprintf("Table with identifier '%s' does not exist.", at.dotted()), true}
		case ok:
			return refusal{says: "ALTER TABLE for a view is not allowed"}
		}
		return refusal{fmt.Sprintf("Table %s doesn't exist or is a temporary table.", at.quoted()), true}
	},
	"view": func(k known, text Text, of sentence, read reading, n name) refusal {
		at := full(text, n.parts)
		switch {
		case k.objects[at], read.has("IF"):
			return refusal{}
		case of.kind == "DROP_VIEW":
			return refusal{says: fmt.Sprintf("View with identifier '%s' does not exist.", at.dotted())}
		}
		return refusal{says: fmt.Sprintf("View %s doesn't exist or is a temporary view.", at.quoted())}
	},
	"new": created,
	"catalog": func(k known, _ Text, of sentence, _ reading, n name) refusal {
		switch {
		case slices.Contains(k.catalogs(), n.parts[0]):
			return refusal{}
		case of.kind == "USE_CATALOG":
			return refusal{says: fmt.Sprintf("A catalog with name [%s] does not exist.", n.parts[0])}
		}
		return refusal{says: fmt.Sprintf("Catalog %s does not exist", n.parts[0])}
	},
	"database": func(k known, text Text, of sentence, _ reading, n name) refusal {
		at := fullDatabase(text, n.parts)
		switch {
		case k.databases[at]:
			return refusal{}
		case of.kind == "USE":
			return refusal{says: fmt.Sprintf("A database with name [%s] does not exist in the catalog: [%s].", at[1], at[0])}
		}
		return refusal{says: fmt.Sprintf("Database '%s'.'%s' doesn't exist.", at[0], at[1])}
	},
}

// absent refuses a name of nothing.
func absent(says func(at path, n name) string) func(k known, text Text, of sentence, read reading, n name) refusal {
	return func(k known, text Text, _ sentence, _ reading, n name) refusal {
		at := full(text, n.parts)
		if _, ok := k.objects[at]; ok {
			return refusal{}
		}
		return refusal{says(at, n), true}
	}
}

// created refuses a name for what comes into being. Flink reads OR REPLACE of a view,
// and of a table without a query, and does not do it.
func created(k known, text Text, of sentence, read reading, n name) refusal {
	at := full(text, n.parts)
	_, exists := k.objects[at]
	fault := fmt.Sprintf("Could not execute CreateTable in path %s\n", at.quoted())
	switch {
	case strings.HasPrefix(of.kind, "ALTER"):
		if !exists {
			return refusal{}
		}
		from := full(text, read.names[0].parts)
		return refusal{says: fmt.Sprintf("Could not execute %s %s RENAME TO %s\nTable (or view) %s.%s already exists in Catalog %s.",
			strings.ReplaceAll(of.kind, "_", " "), from.dotted(), at.dotted(), at[1], at[2], at[0])}
	case of.refused != "":
		return refusal{}
	case of.kind == "REPLACE_TABLE_AS":
		if exists {
			return refusal{}
		}
		return refusal{says: fmt.Sprintf("The table %s to be replaced doesn't exist. You can try to use CREATE TABLE AS statement or CREATE OR REPLACE TABLE AS statement.", at.quoted())}
	case !slices.Contains(k.catalogs(), at[0]):
		return refusal{says: fmt.Sprintf("Catalog %s does not exist.", at[0])}
	case !k.databases[at.database()]:
		return refusal{says: fault + fmt.Sprintf("Database %s does not exist in Catalog %s.", at[1], at[0])}
	case exists && !read.has("EXISTS") && (of.kind != "CREATE_TABLE_AS" || !read.has("REPLACE")):
		return refusal{says: fault + fmt.Sprintf("Table (or view) %s.%s already exists in Catalog %s.", at[1], at[2], at[0])}
	}
	return refusal{}
}

// refuse says why a text comes to nothing here. It looks in the order in which Flink
// does: at queries, and then at the other names.
func (k known) refuse(text Text, of sentence, read reading) refusal {
	for _, n := range read.queried {
		if refused := k.queried(text, of, n); refused.says != "" {
			return refused
		}
	}
	for _, n := range read.names {
		if judge, ok := refusals[n.slot]; ok {
			if refused := judge(k, text, of, read, n); refused.says != "" {
				return refused
			}
		}
	}
	refused := of.refused
	if len(read.names) > 0 {
		refused = strings.ReplaceAll(refused, "{sink}", full(text, read.names[0].parts).dotted())
	}
	return refusal{says: refused}
}

// queried refuses a table that a query cannot have.
func (k known) queried(text Text, of sentence, n name) refusal {
	at := full(text, n.parts)
	if _, ok := k.objects[at]; ok {
		return refusal{}
	}
	// Of a view it is said without these words.
	fault := validationFault
	if of.kind == "ALTER_VIEW" || of.kind == "CREATE_VIEW" {
		fault = ""
	}
	if n.from == n.to {
		fault += fmt.Sprintf("At line %d, column %d", n.from.line, n.from.column)
	} else {
		fault += fmt.Sprintf("From line %d, column %d to line %d, column %d", n.from.line, n.from.column, n.to.line, n.to.column)
	}
	fault += ": Object '%s' not found"
	meant := k.like(at)
	switch {
	case meant != "" && len(n.parts) == 2:
		// Flink looks for the other spelling behind the end of such a name.
		return refusal{says: validationFault + "Index 3 out of bounds for length 3"}
	case meant != "":
		return refusal{fmt.Sprintf(fault+" within '%s.%s'; did you mean '%s'?", at[2], at[0], at[1], meant), true}
	case len(n.parts) == 1:
		return refusal{fmt.Sprintf(fault, at[2]), true}
	case len(n.parts) <= 3 && k.databases[at.database()]:
		return refusal{fmt.Sprintf(fault+" within '%s.%s'", at[2], at[0], at[1]), true}
	case len(n.parts) == 3 && slices.Contains(k.catalogs(), at[0]):
		return refusal{fmt.Sprintf(fault+" within '%s'", at[1], at[0]), true}
	}
	return refusal{fmt.Sprintf(fault, n.parts[0]), true}
}
