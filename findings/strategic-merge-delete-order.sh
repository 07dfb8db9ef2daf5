#!/usr/bin/env bash
# Library: k8s.io/apimachinery 0.37.2, pkg/util/strategicpatch, with the types of k8s.io/api 0.37.2.
# Input: a valid patch that takes a value out of a list of scalars ($deleteFromPrimitiveList) and adds the same value to it.
# Behaviour: one patch and one object give two results, by chance: the keys of the patch are taken in the order of a Go map, so the
#   value is deleted before or after it is added.
# Seen: "<count> times {"metadata":{"finalizers":["a","b"]}}" and the same with ["b"], within 200 tries.
# What follows: the provider works such lists out itself before it calls the library (internal/core/defaults/podlists.go;
#   FuzzMergePodTemplate holds that a merge has one result).
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
	if len(seen) != 2 || seen[`{"metadata":{"finalizers":["a","b"]}}`] == 0 || seen[`{"metadata":{"finalizers":["b"]}}`] == 0 {
		fmt.Println("CHANGED: other results")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get k8s.io/apimachinery@v0.37.2 k8s.io/api@v0.37.2
prepare go mod tidy
prepare go build -o finding .
look ./finding
