#!/usr/bin/env bash
# Library: github.com/hamba/avro/v2 2.31.0, avro.Parse.
# Input: Avro schemas of two records, of which one names the other without defining it, as a file of several has them.
# Behaviour: all that avro.Parse has read stays in one cache of the process. Whether a schema that is not complete is taken depends
#   on what was parsed before it, by anybody; and when that name is defined again, the same text becomes another schema.
# Seen: "alone: unknown type: Customer", "after a Customer with a long: id is a long", "after a Customer with a string: id is a string".
# What follows: a program that reads schemas of several users gives each a cache of its own (avro.ParseWithCache with a new
#   avro.SchemaCache). Without that, it takes a schema that no registry takes. The provider reads each schema by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/hamba/avro/v2"
)

// order does not say what a Customer is.
const order = `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"customer","type":"Customer"}]}`

func customer(id string) {
	avro.MustParse(`{"type":"record","name":"Customer","namespace":"shop","fields":[{"name":"id","type":"` + id + `"}]}`)
}

func read() string {
	schema, err := avro.Parse(order)
	if err != nil {
		return strings.TrimPrefix(err.Error(), "avro: ")
	}
	fields := schema.(*avro.RecordSchema).Fields()[0].Type().(*avro.RecordSchema).Fields()
	return "id is a " + string(fields[0].Type().Type())
}

func main() {
	alone := read()
	customer("long")
	first := read()
	customer("string")
	second := read()
	fmt.Printf("alone: %s\nafter a Customer with a long: %s\nafter a Customer with a string: %s\n", alone, first, second)
	cache := &avro.SchemaCache{}
	_, err := avro.ParseWithCache(order, "", cache)
	if alone != "unknown type: Customer" || first != "id is a long" || second != "id is a string" || err == nil {
		fmt.Println("CHANGED: a schema is read by itself")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
look ./finding
