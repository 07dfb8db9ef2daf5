package crds

import (
	"fmt"
	"strings"
)

// release is the minor number of a 1.x release of the operator.
type release int

// first is older than every release, for fields that have always been there.
const first release = 0

// releases are the versions that definitions can be made for. The development version counts as the release that it
// becomes.
var releases = []struct {
	name    string
	release release
}{
	{"1.7", 7},
	{"1.15", 15},
	{"1.16", 16},
}

// Versions lists the versions of the operator that Definitions and Install accept, oldest first.
func Versions() []string {
	names := make([]string, len(releases))
	for i, r := range releases {
		names[i] = r.name
	}
	return names
}

func parseRelease(version string) (release, error) {
	for _, r := range releases {
		if r.name == version {
			return r.release, nil
		}
	}
	return 0, fmt.Errorf("no definitions for operator version %q; there are %s", version, strings.Join(Versions(), ", "))
}
