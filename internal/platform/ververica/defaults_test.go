package ververica

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// What a server keeps in other words is no difference, and neither is what others have
// said beside it.
func TestDifferent(t *testing.T) {
	for name, test := range map[string]struct{ said, live, want string }{
		"the same":               {`{"a":{"b":"c"}}`, `{"a":{"b":"c","d":"e"},"f":1}`, ""},
		"nothing there":          {`{"a":{"b":"c"},"d":1}`, `{}`, "a.b d"},
		"another text":           {`{"a":{"b":"c"}}`, `{"a":{"b":"d"}}`, "a.b"},
		"a number as text":       {`{"parallelism":2}`, `{"parallelism":"2"}`, ""},
		"a number with a point":  {`{"cpu":1}`, `{"cpu":1.0}`, ""},
		"another number":         {`{"cpu":1}`, `{"cpu":1.5}`, "cpu"},
		"a number that is gone":  {`{"cpu":1}`, `{"cpu":null}`, "cpu"},
		"a text that is a tag":   {`{"flinkImageTag":"1.20"}`, `{"flinkImageTag":"1.2"}`, "flinkImageTag"},
		"memory":                 {`{"memory":"2048m"}`, `{"memory":"2g"}`, ""},
		"other memory":           {`{"memory":"2048m"}`, `{"memory":"1G"}`, "memory"},
		"a duration":             {`{"flinkConfiguration":{"execution.checkpointing.interval":"60s"}}`, `{"flinkConfiguration":{"execution.checkpointing.interval":"1 min"}}`, ""},
		"a number in Flink":      {`{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2"}}`, `{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":2,"other":"x"}}`, ""},
		"another value in Flink": {`{"t":{"flinkConfiguration":{"state.backend.type":"rocksdb"}}}`, `{"t":{"flinkConfiguration":{"state.backend.type":"hashmap"}}}`, `t.flinkConfiguration["state.backend.type"]`},
		"a label":                {`{"labels":{"a/b":"c"}}`, `{}`, `labels["a/b"]`},
		"a list":                 {`{"env":[{"name":"A","value":"1"}]}`, `{"env":[{"name":"A","value":"1","valueFrom":null}]}`, ""},
		"a longer list":          {`{"env":[{"name":"A","value":"1"}]}`, `{"env":[{"name":"A","value":"1"},{"name":"B"}]}`, "env"},
		"a list in other order":  {`{"args":["a","b"]}`, `{"args":["b","a"]}`, "args"},
		"a truth":                {`{"allow":true}`, `{"allow":false}`, "allow"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(different(nil, decoded(t, test.said), decoded(t, test.live)), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

const defaultsPath = "/api/v1/namespaces/prod/deployment-defaults"

// settingsWith are settings whose deployment defaults have a Flink configuration.
func settingsWith(configuration string) string {
	if configuration == "" {
		return `{"environment":"prod"}`
	}
	return `{"deployment_defaults":{"flinkConfiguration":{` + configuration + `}},"environment":"prod"}`
}

// Of the deployment defaults exactly what an environment says is written, and what it has
// said before and does not any more is taken out.
func TestSayDefaults(t *testing.T) {
	body := func(configuration string) string {
		return "PATCH " + defaultsPath + ` {"apiVersion":"v1","kind":"DeploymentDefaults","spec":{"template":{"spec":{"flinkConfiguration":` + configuration + `}}}}`
	}
	for name, test := range map[string]struct {
		now, before, live string
		want              []string
		asks              int
	}{
		"nothing said":        {},
		"for the first time":  {now: `"a":"1"`, live: `{}`, want: []string{`PATCH ` + defaultsPath + ` {"apiVersion":"v1","kind":"DeploymentDefaults","spec":{"template":{"spec":{"flinkConfiguration":{"a":"1"}}}}}`}, asks: 1},
		"beside others":       {now: `"a":"1"`, live: `{"template":{"spec":{"flinkConfiguration":{"b":"theirs"}}}}`, want: []string{body(`{"a":"1"}`)}, asks: 1},
		"there already":       {now: `"a":"1"`, before: `"a":"1"`, live: `{"template":{"spec":{"flinkConfiguration":{"a":"1"}}}}`, asks: 1},
		"another value":       {now: `"a":"2"`, before: `"a":"1"`, live: `{"template":{"spec":{"flinkConfiguration":{"a":"1"}}}}`, want: []string{body(`{"a":"2"}`)}, asks: 1},
		"not said any more":   {before: `"a":"1"`, live: `{"template":{"spec":{"flinkConfiguration":{"a":"1","b":"theirs"}}}}`, want: []string{body(`{"a":null}`)}, asks: 1},
		"taken out by others": {before: `"a":"1"`, live: `{"template":{"spec":{"flinkConfiguration":{"b":"theirs"}}}}`, asks: 1},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := following(t, map[string][]said{
				"GET " + defaultsPath:   once(200, `{"kind":"DeploymentDefaults","spec":`+test.live+`}`),
				"PATCH " + defaultsPath: once(200, `{}`),
			})
			err := environments{client}.sayDefaults(t.Context(),
				platform.Environment{Name: "prod", Settings: settingsWith(test.now)}, platform.Environment{Name: "prod", Settings: settingsWith(test.before)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, server.writes()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := server.count("GET " + defaultsPath); got != test.asks {
				t.Errorf("asked for %d times", got)
			}
		})
	}
}
