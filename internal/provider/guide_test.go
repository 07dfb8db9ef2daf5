package provider

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// ofDeployments are the rows of the attributes: a deployment and a streamlet have no session cluster.
func ofDeployments(rules platform.Rules) []flink.Mapping {
	return slices.DeleteFunc(rules.Mappings(), func(row flink.Mapping) bool { return row.Path[0] == "deploymentName" })
}

// rowOf is what becomes of an attribute: what is said of it, or of the object that it is in.
func rowOf(rows []flink.Mapping, path flink.Path) flink.Mapping {
	for length := len(path); length > 0; length-- {
		if at := slices.IndexFunc(rows, func(row flink.Mapping) bool { return slices.Equal(row.Path, path[:length]) }); at >= 0 {
			return rows[at]
		}
	}
	return flink.Mapping{}
}

// told are the paths of which any platform has a row, those inside of an object after it.
func told(on platform.Known) []flink.Path {
	var out []flink.Path
	for _, rules := range on {
		for _, row := range ofDeployments(rules) {
			if slices.ContainsFunc(out, func(known flink.Path) bool { return slices.Equal(known, row.Path) }) {
				continue
			}
			at := slices.IndexFunc(out, func(known flink.Path) bool { return slices.Equal(known, row.Path[:len(row.Path)-1]) })
			if at < 0 {
				at = len(out) - 1
			}
			out = slices.Insert(out, at+1, row.Path)
		}
	}
	return out
}

// code has the fields of a row as code. What has blanks is no field but a text.
func code(fields string) string {
	parts := strings.Split(fields, ", ")
	for i, part := range parts {
		if part != "" && !strings.Contains(part, " ") {
			parts[i] = "`" + part + "`"
		}
	}
	return strings.Join(parts, ", ")
}

// table is a Markdown table.
func table(head []string, rows [][]string) string {
	var out strings.Builder
	line := func(cells []string) { fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	fmt.Fprintf(&out, "|%s\n", strings.Repeat("---|", len(head)))
	for _, row := range rows {
		line(row)
	}
	return out.String()
}

// columns has a cell for each platform after a first one.
func columns(on platform.Known, first string, of func(platform.Rules) string) []string {
	out := []string{first}
	for _, rules := range on {
		out = append(out, of(rules))
	}
	return out
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "–"
}

// explained is the table of what becomes of each attribute on one platform, with why.
func explained(rules platform.Rules, below string) string {
	var rows [][]string
	for _, row := range rules.Mappings() {
		rows = append(rows, []string{"`" + row.Path.Attribute() + "`", cmp.Or(code(row.Field), "**an error at plan**"), row.Why})
	}
	return table([]string{"Attribute", below, ""}, rows)
}

// tables are those of the guide about all platforms, by their titles in its comments.
func tables(on platform.Known) map[string]string {
	head := func(first string) []string {
		return columns(on, first, func(rules platform.Rules) string { return "`" + rules.Name() + "`" })
	}
	var resources, abilities, attributes [][]string
	has := func(kind platform.Kind, types string) {
		resources = append(resources, columns(on, types, func(rules platform.Rules) string { return yes(rules.Has(kind)) }))
	}
	has(platform.KindEnvironment, "`flink_environment`")
	has(platform.KindDeployment, "`flink_deployment`")
	has(platform.KindStreamApplication, "`flink_stream_application`")
	has(platform.KindSessionCluster, "`flink_session_cluster`")
	has(platform.KindSessionJob, "`flink_session_job`")
	has(platform.KindSavepoint, "`flink_savepoint`")
	named := func(types string, names ...string) {
		resources = append(resources, columns(on, types, func(rules platform.Rules) string { return yes(slices.Contains(names, rules.Name())) }))
	}
	named("`flink_secret`", slices.Concat(sqlPlatforms, secretPlatforms)...)
	named("`flink_statement`, `flink_compute_pool`, `flink_kafka_catalog`, `flink_kafka_database`, `flink_secret_mapping`", sqlPlatforms...)

	ability := func(words string, of func(platform.Rules) string) {
		abilities = append(abilities, columns(on, words, of))
	}
	ability("`upgrade.strategy = \"blue_green\"`, by the engines", func(r platform.Rules) string { return cmp.Or(code(strings.Join(r.Engines(), ", ")), "–") })
	ability("Characters of a name; of one with two colors", func(r platform.Rules) string {
		longest := fmt.Sprint(r.LongestName(flink.Form{}))
		for _, engine := range r.Engines()[:min(1, len(r.Engines()))] {
			longest += fmt.Sprintf("; %d", r.LongestName(flink.Form{Strategy: flink.StrategyBlueGreen, Engine: engine}))
		}
		return longest
	})
	for _, row := range []struct {
		words string
		can   platform.Ability
	}{
		{"`secret_configuration_wo`, and documents of streamlets in Secrets", platform.KeepSecrets},
		{"An ingress that leads to the active color", platform.Route},
		{"A savepoint's files are deleted with it", platform.DisposeSavepoints},
		{"A savepoint is pinned", platform.PinSavepoints},
		{"A savepoint has a `format`", platform.FormatSavepoints},
		{"A savepoint has a directory", platform.PlaceSavepoints},
		{"A savepoint has the name that it is given", platform.NameSavepoints},
	} {
		ability(row.words, func(r platform.Rules) string { return yes(r.Can(row.can)) })
	}

	for _, path := range told(on) {
		attributes = append(attributes, columns(on, "`"+path.Attribute()+"`", func(r platform.Rules) string {
			return cmp.Or(code(rowOf(ofDeployments(r), path).Field), "**error**")
		}))
	}
	var errors strings.Builder
	for _, rules := range on {
		var rows [][]string
		for _, row := range ofDeployments(rules) {
			if row.Field == "" {
				rows = append(rows, []string{"`" + row.Path.Attribute() + "`", row.Why})
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&errors, "### %s\n\n%s\n", rules.Name(), table([]string{"Attribute", ""}, rows))
		}
	}
	return map[string]string{
		"resources": table(head(""), resources), "abilities": table(head(""), abilities), "attributes": table(head("Attribute"), attributes), "errors": strings.TrimSpace(errors.String()) + "\n",
	}
}

// TestPlatformsGuide holds the guides to what the platforms' rules say.
func TestPlatformsGuide(t *testing.T) {
	t.Parallel()
	on := known((&connections{}).offers())
	guides := map[string]map[string]string{"platforms.md": tables(on)}
	for name, below := range map[string]string{"ververica": "On the platform, below `spec`", "clowder": "In the entry"} {
		rules, _ := on.Named(name)
		guides[name+".md"] = map[string]string{"attributes": explained(rules, below)}
	}
	for name, sections := range guides {
		path := filepath.Join("..", "..", "templates", "guides", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		is := string(text)
		for title, want := range sections {
			_, rest, begins := strings.Cut(is, "<!-- The "+title)
			_, rest, opened := strings.Cut(rest, "-->\n")
			table, _, ends := strings.Cut(rest, "<!-- The end of the "+title+" -->\n")
			switch {
			case !begins || !opened || !ends:
				t.Fatalf("%s has no place for the %s", path, title)
			case os.Getenv("PLATFORMS_GUIDE") == "write":
				is = strings.Replace(is, "-->\n"+table+"<!-- The end of the "+title, "-->\n\n"+want+"\n<!-- The end of the "+title, 1)
			case table != "\n"+want+"\n":
				t.Errorf("the %s of %s are not what the platforms do; run: PLATFORMS_GUIDE=write go test -run TestPlatformsGuide ./internal/provider; then make docs", title, path)
			}
		}
		if os.Getenv("PLATFORMS_GUIDE") == "write" {
			if err := os.WriteFile(path, []byte(is), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
