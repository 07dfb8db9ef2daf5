package internal

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// platformName matches what only one platform has.
var platformName = regexp.MustCompile(`(?i)operator|ververica|\bvvp\b|confluent|\bcmf\b|cloudflow|clowder`)

// nameless are the folders that are for all platforms: what one of them means and how
// it is called is in its Rules.
var nameless = []string{"core/planner", "rollout", "tfkit", "tfkit/lifecycle", "tfkit/object", "resources/deployment", "resources/savepoint", "resources/sessioncluster", "resources/sessionjob"}

// TestNoPlatformIsNamed reads what decides and what speaks. Schemas say what each
// platform has of an attribute, and flink_environment has attributes for one alone.
func TestNoPlatformIsNamed(t *testing.T) {
	for _, folder := range nameless {
		files, err := filepath.Glob(filepath.FromSlash(folder) + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		searched := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "schema.go") {
				continue
			}
			searched++
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(text), "\n") {
				if name := platformName.FindString(line); name != "" {
					t.Errorf("%s:%d names a platform, %q: %s", file, i+1, name, strings.TrimSpace(line))
				}
			}
		}
		if searched == 0 {
			t.Errorf("there are no files in %s", folder)
		}
	}
}
