#!/usr/bin/env bash
# Library: github.com/hamba/avro/v2 2.31.0, avro.Parse.
# Input: valid Avro schemas of two records, of which one names the other without defining it.
# Behaviour: all that avro.Parse has read stays in one cache of the process. Whether a schema that is not complete is taken depends
#   on what was parsed before it, by anybody; and when that name is defined again, the same text becomes another schema.
# Seen: "alone: unknown type: Customer", "after a Customer with a long: id is a long", "after a Customer with a string: id is a string".
# What follows: a program that checks schemas of several users gives each a cache of its own (avro.ParseWithCache with a new
#   avro.SchemaCache), else one that no registry and no other reader takes passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
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
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/hamba/avro/v2@v2.31.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run .
