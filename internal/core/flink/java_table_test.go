package flink

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of testdata/values have the values that Flink's own classes were asked of,
// those of testdata/java the program that asks, and testdata/read.txt.gz has what they
// answered. `make values` asks again.

// javaRelease is a release of Flink whose classes were asked. Where a module of that very
// release is not published, it is one of the same minor version, or of the one before.
type javaRelease struct {
	flink, modules, forst string
}

var javaReleases = []javaRelease{
	{flink: "1.15.4", modules: "1.15.4"},
	{flink: "1.16.3", modules: "1.16.3"},
	{flink: "1.17.2", modules: "1.17.2"},
	{flink: "1.18.1", modules: "1.18.1"},
	{flink: "1.19.3", modules: "1.19.1"},
	{flink: "1.20.5", modules: "1.20.1"},
	{flink: "2.0.2", modules: "2.0.0", forst: "2.0.0"},
	{flink: "2.1.3", modules: "2.1.0", forst: "2.0.0"},
	{flink: "2.2.1", modules: "2.2.0", forst: "2.2.0"},
	{flink: "2.3.0", modules: "2.3.0", forst: "2.3.0"},
}

func (r javaRelease) version(t testing.TB) Version {
	t.Helper()
	var version Version
	if _, err := fmt.Sscanf(r.flink, "%d.%d.", &version.Major, &version.Minor); err != nil {
		t.Fatal(err)
	}
	return version
}

// javaQuestion is a value of a key.
type javaQuestion struct{ key, value string }

// String is the question as Values.java takes it.
func (q javaQuestion) String() string {
	text, err := json.Marshal(q.value)
	if err != nil {
		panic(err)
	}
	return q.key + "\t" + string(text)
}

// javaQuestions are those of testdata/values: each value of each key of its file.
func javaQuestions(t testing.TB) []javaQuestion {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "values", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var questions []javaQuestion
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var keys, values []string
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			if key, ok := strings.CutPrefix(line, "key "); ok {
				keys = append(keys, key)
				continue
			}
			var value string
			if err := json.Unmarshal([]byte(line), &value); err != nil {
				t.Fatalf("%s: %s: %v", file, line, err)
			}
			values = append(values, value)
		}
		for _, key := range keys {
			for _, value := range values {
				questions = append(questions, javaQuestion{key, value})
			}
		}
	}
	return questions
}

// javaTable is what the releases answered, one string a release in the order of
// javaReleases: of a question ("=VALUE", "absent", "refused" or "unknown" for the value
// in memory, a tab, and the same for the value that went through the file), and of an
// option (its type, a tab, its former names; "" where the release has no such option).
type javaTable struct {
	questions map[string][]string
	options   map[string][]string
}

const javaTableFile = "testdata/read.txt.gz"

// read takes the answers of a release, the lines that Values.java prints.
func (table javaTable) read(lines string, release int) {
	add := func(to map[string][]string, key, answer string) {
		if to[key] == nil {
			to[key] = make([]string, len(javaReleases))
		}
		if at := &to[key][release]; *at == "" {
			*at = answer
		} else {
			*at += " | " + answer
		}
	}
	for line := range strings.Lines(lines) {
		field := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch field[0] {
		case "option":
			add(table.options, field[1], field[2]+"\t"+field[3])
		case "value":
			add(table.questions, askedAgain(field[1], field[2]), field[3]+"\t"+field[4])
		}
	}
}

// askedAgain is a question in the words of javaQuestion, of which Values.java has repeated
// the value.
func askedAgain(key, quoted string) string {
	var value string
	if err := json.Unmarshal([]byte(quoted), &value); err != nil {
		panic(err)
	}
	return javaQuestion{key, value}.String()
}

// lines are the table as it is kept: of each question or option the answers, each with the
// first release that gives it.
func (table javaTable) lines() []string {
	var all []string
	for kind, answered := range map[string]map[string][]string{"option": table.options, "value": table.questions} {
		for key, answers := range answered {
			line := kind + "\t" + key
			for i, answer := range answers {
				if i == 0 || answer != answers[i-1] {
					line += "\t@" + javaReleases[i].flink + "\t" + answer
				}
			}
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}

// recordedTable is the table of testdata.
func recordedTable(t testing.TB) javaTable {
	t.Helper()
	file, err := os.Open(javaTableFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	table := javaTable{questions: map[string][]string{}, options: map[string][]string{}}
	lines := bufio.NewScanner(unpacked)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t@")
		kind, key, _ := strings.Cut(parts[0], "\t")
		answers := make([]string, len(javaReleases))
		for _, run := range parts[1:] {
			first, answer, _ := strings.Cut(run, "\t")
			from := slices.IndexFunc(javaReleases, func(r javaRelease) bool { return r.flink == first })
			if from < 0 {
				t.Fatalf("%s has answers of a release %s that nobody asks", javaTableFile, first)
			}
			for i := from; i < len(answers); i++ {
				answers[i] = answer
			}
		}
		if kind == "option" {
			table.options[key] = answers
		} else {
			table.questions[key] = answers
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(table.questions) < 1000 || len(table.options) < 700 {
		t.Fatalf("%s has %d values and %d options", javaTableFile, len(table.questions), len(table.options))
	}
	return table
}
