package registrytest

import "net/http"

// Product is a registry that the stand-in behaves as.
type Product int

// These are Confluent Schema Registry 8.3.1, Karapace 6.2.0 and Apicurio Registry
// 3.3.3 with its interface ccompat v7.
const (
	Confluent Product = iota
	Karapace
	Apicurio
)

// String is the name of the product.
func (p Product) String() string { return [...]string{"Confluent", "Karapace", "Apicurio"}[p] }

// manner is in what a product differs from the others, as their recorded answers
// show.
type manner struct {
	// base is the path before those of the interface.
	base string
	// level is the global one of a new registry.
	level string
	// announces tells that registering answers the version, and naming that answers
	// with a schema name the type AVRO.
	announces, naming bool
	// same is the form of a schema in which it is compared with those of its subject
	// before it is registered, and alike the one before it is looked up.
	same, alike form
	// comparesAll tells that there is a path that compares with all versions; eager
	// that it does so at every level, and strict that the path of one version does so
	// at a transitive level.
	comparesAll, eager, strict bool
	// opensAbsent tells that every schema is compatible with a subject that is not
	// there, asked for one version or for all.
	opensAbsent, opensAllAbsent bool
	// defaults tells that an absent subject has a level, the global one.
	defaults bool
	// unset is the level of a subject that has none; empty for the error 40408.
	unset string
	// incompatible is the number of the error.
	incompatible int
	// verbose tells that it says what is at odds when it is asked to compare.
	verbose bool
	// badVersion is the answer for a version that is no number.
	badVersion, badVersionNumber int
	// unread is the answer to a schema that cannot be looked up as it is invalid.
	unread, unreadNumber int
	// emptied is the answer to a body without a schema; nothing registers the latest.
	emptied, emptiedNumber int
	// takesBlank tells that it takes a text without anything in it, and then nothing
	// more for the subject.
	takesBlank bool
	// hardFirst is the answer when what is not deleted softly is to be deleted for good.
	hardFirst int
	// keepsDeleted tells that what was deleted before is named again.
	keepsDeleted bool
	// modes tells that a mode can be set, and obeys that it has a consequence.
	modes, obeys bool
}

var manners = [...]manner{
	Confluent: {
		level: "BACKWARD", announces: true, naming: true, same: collapsed, alike: collapsed, comparesAll: true,
		opensAbsent: true, opensAllAbsent: true, defaults: true, incompatible: 40901, verbose: true,
		badVersion: http.StatusUnprocessableEntity, badVersionNumber: 42202, unread: http.StatusUnprocessableEntity, unreadNumber: 42201,
		hardFirst: http.StatusNotFound, modes: true, obeys: true,
	},
	Karapace: {
		level: "BACKWARD", same: sorted, alike: collapsed, strict: true, incompatible: http.StatusConflict, verbose: true,
		badVersion: http.StatusUnprocessableEntity, badVersionNumber: 42202,
		unread: http.StatusInternalServerError, unreadNumber: http.StatusInternalServerError,
		emptied: http.StatusUnprocessableEntity, emptiedNumber: http.StatusUnprocessableEntity, hardFirst: http.StatusNotFound,
	},
	Apicurio: {
		base: "/apis/ccompat/v7", level: "NONE", same: bare, alike: bare, comparesAll: true, eager: true, opensAbsent: true,
		unset: "NONE", incompatible: http.StatusConflict, badVersion: http.StatusNotFound, badVersionNumber: 40402,
		unread: http.StatusNotFound, unreadNumber: 40403, emptied: http.StatusInternalServerError, hardFirst: http.StatusConflict,
		takesBlank: true, keepsDeleted: true, modes: true,
	},
}
