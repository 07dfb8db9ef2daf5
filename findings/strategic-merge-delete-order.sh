#!/usr/bin/env bash
# Library: k8s.io/apimachinery 0.36.3, pkg/util/strategicpatch, with the types of k8s.io/api 0.36.3.
# Input: a valid patch that takes a value out of a list of scalars ($deleteFromPrimitiveList) and adds the same value to it.
# Behaviour: one patch and one object give two results, by chance: the keys of the patch are taken in the order of a Go map, so the
#   value is deleted before or after it is added.
# Seen: both ["a","b"] and ["b"] within 200 tries, the second about once in ten.
# What follows: the provider works such lists out itself before it calls the library (internal/core/defaults/podlists.go;
#   FuzzMergePodTemplate holds that a merge has one result).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func main() {
	const object = `{"metadata":{"finalizers":["a","b"]}}`
	const patch = `{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["a"]}}`
	seen := map[string]int{}
	for range 200 {
		merged, err := strategicpatch.StrategicMergePatch([]byte(object), []byte(patch), corev1.Pod{})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		seen[string(merged)]++
	}
	for result, times := range seen {
		fmt.Printf("%4d times %s\n", times, result)
	}
	if len(seen) < 2 {
		fmt.Println("CHANGED: every try gave the same result")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.36.3 k8s.io/api@v0.36.3 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run .
