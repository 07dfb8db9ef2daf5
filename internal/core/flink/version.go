package flink

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Version is a minor version of Flink, in the operator's spelling "v1_20".
type Version struct {
	Major, Minor int
}

// KnownVersions are the values of the operator's enum FlinkVersion, oldest
// first (operator 1.16).
var KnownVersions = []Version{
	{1, 13},
	{1, 14},
	{1, 15},
	{1, 16},
	{1, 17},
	{1, 18},
	{1, 19},
	{1, 20},
	{2, 0},
	{2, 1},
	{2, 2},
	{2, 3},
	{2, 4},
}

var (
	// OldestSupported is the oldest version that the operator deploys
	// (FlinkVersion.isSupported).
	OldestSupported = Version{1, 15}
	// newestDeprecated is the newest version that the operator's enum marks as
	// deprecated.
	newestDeprecated = Version{1, 18}
)

var (
	versionPattern = regexp.MustCompile(`^v([0-9]{1,4})_([0-9]{1,4})$`)
	releasePattern = regexp.MustCompile(`^([0-9]{1,4})\.([0-9]{1,4})([.-].*)?$`)
)

// ParseVersion reads a version such as "v1_20".
func ParseVersion(text string) (Version, error) {
	part := versionPattern.FindStringSubmatch(text)
	if part == nil {
		return Version{}, fmt.Errorf("%q is not a Flink version such as \"v1_20\"", text)
	}
	// The pattern leaves nothing that Atoi could refuse.
	major, _ := strconv.Atoi(part[1])
	minor, _ := strconv.Atoi(part[2])
	return Version{major, minor}, nil
}

// String returns the operator's spelling, "v1_20".
func (v Version) String() string { return fmt.Sprintf("v%d_%d", v.Major, v.Minor) }

// Number returns the version as people write it, "1.20".
func (v Version) Number() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// VersionOfRelease returns the minor version of a release such as "1.20.1", as Flink
// itself tells it.
func VersionOfRelease(release string) (Version, error) {
	part := releasePattern.FindStringSubmatch(release)
	if part == nil {
		return Version{}, fmt.Errorf("%q is not a release of Flink such as \"1.20.1\"", release)
	}
	return ParseVersion("v" + part[1] + "_" + part[2])
}

// Compare returns -1, 0 or 1 as v is older than, the same as or newer than w.
func (v Version) Compare(w Version) int {
	switch {
	case v == w:
		return 0
	case v.Major < w.Major, v.Major == w.Major && v.Minor < w.Minor:
		return -1
	}
	return 1
}

// AtLeast tells whether v is w or newer.
func (v Version) AtLeast(w Version) bool { return v.Compare(w) >= 0 }

// Known tells whether the operator's enum has the version.
func (v Version) Known() bool { return slices.Contains(KnownVersions, v) }

// Deprecated tells whether the operator announces the end of its support.
func (v Version) Deprecated() bool {
	return !v.AtLeast(Version{newestDeprecated.Major, newestDeprecated.Minor + 1})
}
