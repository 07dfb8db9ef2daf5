#!/usr/bin/env bash
# Library: github.com/hashicorp/go-version 1.9.0, Constraints.Check.
# Input: constraints such as a gate for a server's version has them, and release candidates of that and of a later version.
# Behaviour: no release candidate meets >, >=, <, <= or ~> without a prerelease, however late its version is: 2.4.0-rc1 is not
#   ">= 2.3". With one, only candidates of the very same version can meet it: 2.4.0-rc1 is not ">= 2.3.0-0" either.
# Seen: ">= 2.3: 2.4.0 true, 2.3.0-rc1 false, 2.4.0-rc1 false", ">= 2.3.0-0: 2.4.0 true, 2.3.0-rc1 true, 2.4.0-rc1 false".
# What follows: a gate that is a constraint refuses servers that are newer than it asks. The provider compares without the
#   prerelease (internal/platform/confluent/version.go, atLeast; TestVersions).
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

	"github.com/hashicorp/go-version"
)

func main() {
	var seen []string
	for _, text := range []string{">= 2.3", ">= 2.3.0-0"} {
		constraint, err := version.NewConstraint(text)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		var row []string
		for _, is := range []string{"2.4.0", "2.3.0-rc1", "2.4.0-rc1"} {
			row = append(row, fmt.Sprintf("%s %t", is, constraint.Check(version.Must(version.NewVersion(is)))))
		}
		seen = append(seen, text+": "+strings.Join(row, ", "))
	}
	fmt.Println(strings.Join(seen, "\n"))
	if seen[0] != ">= 2.3: 2.4.0 true, 2.3.0-rc1 false, 2.4.0-rc1 false" || seen[1] != ">= 2.3.0-0: 2.4.0 true, 2.3.0-rc1 true, 2.4.0-rc1 false" {
		fmt.Println("CHANGED: release candidates meet other constraints")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/hashicorp/go-version@v1.9.0
prepare go build -o finding .
look ./finding
