package flinksql

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// known is what there is in a session: databases, and in them tables and views.
type known struct {
	databases map[[2]string]bool
	// objects tells whether one is a view.
	objects map[path]bool
}

// path is a name with all its parts: catalog, database and object.
type path [3]string

func (p path) dotted() string { return strings.Join(p[:], ".") }
func (p path) quoted() string { return "`" + strings.Join(p[:], "`.`") + "`" }

// database returns where the object is.
func (p path) database() [2]string { return [2]string(p[:2]) }

// where returns the catalog and the database that a text stands in.
func where(text Text) [2]string {
	return [2]string{cmp.Or(text.Catalog, defaultCatalog), cmp.Or(text.Database, defaultDatabase)}
}

// full completes the name of an object by where its text stands.
func full(text Text, parts []string) path {
	in := where(text)
	switch len(parts) {
	case 1:
		return path{in[0], in[1], parts[0]}
	case 2:
		return path{in[0], parts[0], parts[1]}
	}
	return path(parts[:3])
}

// fullDatabase completes the name of a database.
func fullDatabase(text Text, parts []string) [2]string {
	if len(parts) == 1 {
		return [2]string{where(text)[0], parts[0]}
	}
	return [2]string(parts[:2])
}

// recall returns what a session has when a text comes.
func recall(session Session, text Text) known {
	k := known{databases: map[[2]string]bool{{defaultCatalog, defaultDatabase}: true, where(text): true}, objects: map[path]bool{}}
	for catalog, databases := range session.Databases {
		for _, database := range databases {
			k.databases[[2]string{catalog, database}] = true
		}
	}
	for _, earlier := range session.Earlier {
		k.databases[where(earlier)] = true
		if of, read, fault := parse(earlier.SQL); fault == "" {
			k.learn(earlier, of, read)
		}
	}
	return k
}

// learn takes in what a text has defined.
func (k known) learn(text Text, of sentence, read reading) {
	var is, becomes path
	for _, n := range read.names {
		switch n.slot {
		case "new":
			becomes = full(text, n.parts)
		case "table", "view":
			is = full(text, n.parts)
		case "name":
			if of.kind == "CREATE_DATABASE" {
				k.databases[fullDatabase(text, n.parts)] = true
			}
		}
	}
	switch of.kind {
	case "CREATE_TABLE", "CREATE_TABLE_AS", "CREATE_VIEW":
		if _, ok := k.objects[becomes]; !ok {
			k.objects[becomes] = of.kind == "CREATE_VIEW"
		}
	case "DROP_TABLE", "DROP_VIEW":
		if view, ok := k.objects[is]; ok && view == (of.kind == "DROP_VIEW") {
			delete(k.objects, is)
		}
	case "ALTER_TABLE", "ALTER_VIEW":
		if view, ok := k.objects[is]; ok && becomes != (path{}) {
			delete(k.objects, is)
			k.objects[becomes] = view
		}
	}
}

// catalogs returns the names of the catalogs.
func (k known) catalogs() []string {
	found := map[string]bool{}
	for database := range k.databases {
		found[database[0]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// like returns the object in the same database whose name differs in the case of its
// letters alone.
func (k known) like(at path) string {
	for other := range k.objects {
		if other.database() == at.database() && other != at && strings.EqualFold(other[2], at[2]) {
			return other[2]
		}
	}
	return ""
}
