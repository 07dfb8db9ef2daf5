// Package cfk is a stand-in of Confluent for Kubernetes for tests: of what it does about the
// kinds of Flink. Each custom resource becomes an object of the server that its CMFRestClass
// names, by its name: one that is there already is taken over, and what is deleted here is
// deleted there. The status says how that went, and for applications what the server says.
//
// What is known from the field is so here too: the phase of a statement stays what it was when
// its specification was handed on, that of a compute pool is its type, and nobody says which
// environments have access to a catalog.
package cfk
