#!/usr/bin/env bash
# Library: k8s.io/apimachinery 0.37.2, util/json, by which the API server and its clients read objects that have no types of Go, such as a
#   FlinkDeployment's free-form flinkConfiguration.
# Input: the whole numbers 9223372036854775807 (2^63 - 1) and 9223372036854775808.
# Behaviour: a whole number beyond 64 bits becomes a floating-point one without a word. Written again it has other digits, which are those
#   that the operator then reads as the option's text.
# Seen: "9223372036854775807 -> 9223372036854775807", "9223372036854775808 -> 9223372036854776000".
# What follows: the text that counts is the one that the API server hands out, and an import takes that
#   (internal/core/flink/config_flatten.go; TestAccImportOfNestedConfiguration, on the API server 1.36).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"k8s.io/apimachinery/pkg/util/json"
)

func main() {
	for _, number := range []string{"9223372036854775807", "9223372036854775808"} {
		var object map[string]any
		if err := json.Unmarshal([]byte(`{"number": `+number+`}`), &object); err != nil {
			log.Fatal(err)
		}
		written, err := json.Marshal(object["number"])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s -> %s\n", number, written)
	}
}
GO
prepare go mod init finding
prepare go get k8s.io/apimachinery@v0.37.2
prepare go mod tidy
prepare go build -o finding .
./finding >seen || exit 2
cat seen
if [ "$(paste -s -d , seen)" != "9223372036854775807 -> 9223372036854775807,9223372036854775808 -> 9223372036854776000" ]; then
  echo "CHANGED: other digits"
  exit 1
fi
