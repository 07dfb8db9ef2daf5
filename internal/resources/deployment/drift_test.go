package deployment_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// orders is a configuration whose environment gives and rules some of the values.
const orders = `{
  "environment": {"namespace": "flink-prod", "settings": "{\"deployment_defaults\":{\"serviceAccount\":\"flink\",\"flinkConfiguration\":{\"given\":\"1\",\"both\":\"1\"}},\"deployment_overrides\":{\"flinkConfiguration\":{\"ruled\":\"1\"}}}"},
  "name": "orders", "image": "orders:1", "flink_version": "v1_20",
  "labels": {"team": "a"},
  "flink_configuration": {"both": "2", "own": "1", "ruled": "2", "state.checkpoints.dir": "s3://c", "state.savepoints.dir": "s3://s"},
  "job": {"jar_uri": "local:///a.jar", "parallelism": 2, "args": ["a"]},
  "job_manager": {"resource": {"cpu": 0.5, "memory": "1g"}},
  "task_manager": {"resource": {"cpu": 1, "memory": "2048m"}},
  "pod_template": "spec: {containers: [{name: flink-main-container, env: [{name: STAGE, value: prod}], resources: {limits: {cpu: 1000m}}}]}"
}`

// TestRefreshPutsDriftIntoItsAttribute changes one value of a live deployment: it
// shows in the attribute that gave it, and ignore_changes leaves it there.
func TestRefreshPutsDriftIntoItsAttribute(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(m *memory)
		// attribute and want are what the drift changes; empty for nothing.
		attribute, want string
		// stays tells of drift that ignore_changes cannot keep: no attribute has it.
		stays bool
	}{
		"image":         {change: func(m *memory) { m.set("orders:ci", "image") }, attribute: "image", want: `"orders:ci"`},
		"Flink version": {change: func(m *memory) { m.set("v1_19", "flinkVersion") }, attribute: "flink_version", want: `"v1_19"`},
		"parallelism": {
			change:    func(m *memory) { m.set(json.Number("5"), "job", "parallelism") },
			attribute: "job", want: `{"args":["a"],"jar_uri":"local:///a.jar","parallelism":5}`,
		},
		"arguments": {
			change:    func(m *memory) { m.set([]any{"b", "c"}, "job", "args") },
			attribute: "job", want: `{"args":["b","c"],"jar_uri":"local:///a.jar","parallelism":2}`,
		},
		"a key": {
			change:    func(m *memory) { m.set("7", "flinkConfiguration", "own") },
			attribute: "flink_configuration", want: `{"both":"2","own":"7","ruled":"2","state.checkpoints.dir":"s3://c","state.savepoints.dir":"s3://s"}`,
		},
		"a key that is gone": {
			change:    func(m *memory) { m.set(nil, "flinkConfiguration", "own") },
			attribute: "flink_configuration", want: `{"both":"2","ruled":"2","state.checkpoints.dir":"s3://c","state.savepoints.dir":"s3://s"}`,
		},
		"a key that is gone and has a default": {
			change:    func(m *memory) { m.set(nil, "flinkConfiguration", "both") },
			attribute: "flink_configuration", want: `{"both":null,"own":"1","ruled":"2","state.checkpoints.dir":"s3://c","state.savepoints.dir":"s3://s"}`,
		},
		"a size that is gone": {
			change:    func(m *memory) { m.set(nil, "jobManager", "resource") },
			attribute: "job_manager", want: `{}`,
		},
		"a size": {
			change:    func(m *memory) { m.set("3g", "taskManager", "resource", "memory") },
			attribute: "task_manager", want: `{"resource":{"cpu":1,"memory":"3g"}}`,
		},
		"a pod template": {
			change: func(m *memory) {
				m.set([]any{flink.Tree{"name": "flink-main-container", "env": []any{flink.Tree{"name": "STAGE", "value": "test"}}, "resources": flink.Tree{"limits": flink.Tree{"cpu": "1"}}}}, "podTemplate", "spec", "containers")
			},
			attribute: "pod_template", want: `"spec:\n  containers:\n    - env:\n        - name: STAGE\n          value: test\n      name: flink-main-container\n      resources:\n        limits:\n          cpu: \"1000m\"\n"`,
		},
		"a label": {change: func(m *memory) { m.live.Labels["team"] = "b" }, attribute: "labels", want: `{"team":"b"}`},

		"a variable of others in the own pod template": {
			change:    func(m *memory) { m.addVariable("LOG_LEVEL", "debug") },
			attribute: "pod_template", want: `"spec:\n  containers:\n    - env:\n        - name: STAGE\n          value: prod\n        - name: LOG_LEVEL\n          value: debug\n      name: flink-main-container\n      resources:\n        limits:\n          cpu: \"1000m\"\n"`,
		},
		"a secret of others in the own pod template": {change: func(m *memory) { m.addVariable("DB_PASSWORD", "hunter2") }, stays: true},
		"a secret of others in the arguments": {
			change: func(m *memory) { m.set([]any{"a", "--db-password=hunter2"}, "job", "args") }, stays: true,
		},

		"other words":                 {change: func(m *memory) { m.set("2g", "taskManager", "resource", "memory") }},
		"a field of others":           {change: func(m *memory) { m.set("native", "mode") }},
		"a key of others":             {change: func(m *memory) { m.set("1", "flinkConfiguration", "theirs") }},
		"a value of the defaults":     {change: func(m *memory) { m.set("7", "flinkConfiguration", "given") }, stays: true},
		"a value of the overrides":    {change: func(m *memory) { m.set("7", "flinkConfiguration", "ruled") }, stays: true},
		"a scalar of the defaults":    {change: func(m *memory) { m.set("other", "serviceAccount") }, stays: true},
		"the provider's own default":  {change: func(m *memory) { m.set("suspended", "job", "state") }, stays: true},
		"a mode that nobody has said": {change: func(m *memory) { m.set("stateless", "job", "upgradeMode") }, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{t: t}
			c := newCore(t, m)
			config := c.config(orders)
			c.apply(config)
			before := c.state
			test.change(m)
			c.refresh()
			want := c.fields(before)
			for attribute := range c.fields(before) {
				switch {
				case attribute == test.attribute:
					if diff := cmp.Diff(test.want, c.text(attribute)); diff != "" {
						t.Errorf("%s (-want +got):\n%s", attribute, diff)
					}
				case attribute == "effective_spec" && (test.attribute != "" || test.stays):
					if c.fields(c.state)[attribute].Equal(want[attribute]) {
						t.Error("effective_spec does not show the drift")
					}
				case !c.fields(c.state)[attribute].Equal(want[attribute]):
					t.Errorf("%s changed to %s", attribute, c.text(attribute))
				}
			}

			drifted := test.attribute != "" || test.stays
			if c.unchanged(c.plan(config)) == drifted {
				t.Errorf("the plan is empty: %t", !drifted)
			}
			if c.unchanged(c.plan(nil)) == test.stays {
				t.Errorf("the plan with ignore_changes = all is empty: %t", !test.stays)
			}
			if test.stays {
				return
			}
			// What is ignored stays in the next write.
			live := m.live.Spec
			ignoring := c.fields(c.state)
			ignoring["annotations"] = c.fields(*c.config(`{"annotations": {"x": "y"}}`))["annotations"]
			for _, name := range computed {
				ignoring[name] = c.fields(*config)[name]
			}
			c.apply(new(tftypes.NewValue(c.of, ignoring)))
			if changes := flink.Diff(flink.Observe(m.sent, live), m.sent); len(changes) > 0 {
				t.Errorf("the write changes %v", changes)
			}
			c.refresh()
			if !c.unchanged(c.plan(nil)) {
				t.Error("the plan after the apply is not empty")
			}
			// Without ignore_changes it is put back.
			c.apply(config)
			if got := c.text("flink_configuration") + c.text("image"); !strings.Contains(got, `"own":"1"`) || !strings.Contains(got, "orders:1") {
				t.Errorf("after the apply: %s", got)
			}
			c.refresh()
			if !c.unchanged(c.plan(config)) {
				t.Error("the plan after the last apply is not empty")
			}
		})
	}
}

// TestRefreshTakesNothingOfARollout reads a deployment in the middle of an update
// whose process was killed: what it writes on the way is nobody's wish.
func TestRefreshTakesNothingOfARollout(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	config := c.config(strings.Replace(orders, `"args"`, `"state": "running", "args"`, 1))
	c.apply(config)
	before := c.text("job")
	m.set("suspended", "job", "state")
	m.set("orders:2", "image")
	m.live.RolledOut, m.live.Unfinished = false, planner.ActionRecreate
	c.refresh()
	if diff := cmp.Diff(before, c.text("job")); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	if got := c.text("image"); got != `"orders:2"` {
		t.Errorf("image is %s", got)
	}
}

// TestRefreshShowsASecretOnlyWhereItIsConfigured changes a secret of a live
// deployment.
func TestRefreshShowsASecretOnlyWhereItIsConfigured(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	config := c.config(strings.Replace(orders, `"own": "1"`, `"own": "1", "s3.secret-key": "configured"`, 1))
	c.apply(config)
	m.set("planted", "flinkConfiguration", "s3.secret-key")
	m.set("3g", "taskManager", "resource", "memory")
	m.set("1024m", "jobManager", "resource", "memory")
	c.refresh()
	for attribute := range c.fields(c.state) {
		if got := strings.Contains(c.text(attribute), "planted"); got != (attribute == "flink_configuration") {
			t.Errorf("%s shows the secret: %t", attribute, got)
		}
	}
	if strings.Contains(string(c.private), "planted") {
		t.Error("the private state shows the secret")
	}
	if !c.unchanged(c.plan(nil)) {
		t.Error("the plan with ignore_changes = all is not empty")
	}
	live := m.live.Spec
	ignoring := c.fields(c.state)
	ignoring["labels"] = c.fields(*c.config(`{"labels": {"x": "y"}}`))["labels"]
	for _, name := range computed {
		ignoring[name] = c.fields(*config)[name]
	}
	c.apply(new(tftypes.NewValue(c.of, ignoring)))
	if diff := cmp.Diff(live, m.sent); diff != "" {
		t.Errorf("written (-live +sent):\n%s", diff)
	}
}

// TestWritesKeepTheClustersWords changes a label of a deployment that somebody
// has respelled: what is written has the words that the cluster has.
func TestWritesKeepTheClustersWords(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	config := c.config(orders)
	c.apply(config)
	m.set("2g", "taskManager", "resource", "memory")
	m.set([]any{flink.Tree{"name": "flink-main-container", "env": []any{flink.Tree{"name": "STAGE", "value": "prod"}}, "resources": flink.Tree{"limits": flink.Tree{"cpu": "1"}}}}, "podTemplate", "spec", "containers")
	words := m.live.Spec
	before := c.state
	c.refresh()
	if !c.state.Equal(before) {
		t.Error("other words for the same changed the state")
	}
	if !c.unchanged(c.plan(config)) {
		t.Error("other words for the same are planned")
	}
	// A default that is written out changes an attribute and nothing else.
	c.apply(c.config(strings.Replace(orders, `"args"`, `"state": "running", "args"`, 1)))
	for range 2 {
		labeled := c.config(strings.Replace(orders, `"team": "a"`, `"team": "b"`, 1))
		c.apply(labeled)
		if diff := cmp.Diff(words, m.sent); diff != "" {
			t.Errorf("written (-live +sent):\n%s", diff)
		}
		c.refresh()
		if !c.unchanged(c.plan(labeled)) {
			t.Error("the plan after the apply is not empty")
		}
		c.apply(config)
		if diff := cmp.Diff(words, m.sent); diff != "" {
			t.Errorf("written the second time (-live +sent):\n%s", diff)
		}
	}
}

// TestRollbackKeepsTheClustersWords: what a rollback has put back is written as
// the cluster has it.
func TestRollbackKeepsTheClustersWords(t *testing.T) {
	t.Parallel()
	m := &memory{t: t}
	c := newCore(t, m)
	c.apply(c.config(orders))
	m.set("2g", "taskManager", "resource", "memory")
	c.refresh()
	before, words := c.state, m.live.Spec
	m.fails = &platform.RolloutError{Summary: "no", RolledBack: true}
	c.fails(c.config(strings.Replace(orders, "orders:1", "orders:2", 1)))
	if !c.state.Equal(before) {
		t.Errorf("the state after the rollback is %s, before %s", c.state, before)
	}
	m.live.Spec, m.fails = words, nil
	c.apply(c.config(strings.Replace(orders, `"team": "a"`, `"team": "b"`, 1)))
	if diff := cmp.Diff(words, m.sent); diff != "" {
		t.Errorf("written (-live +sent):\n%s", diff)
	}
}

// TestRefreshShowsNoSecretOfOthers puts a secret where the configuration has
// something else: no attribute would hide it. The drift shows, and is put back.
func TestRefreshShowsNoSecretOfOthers(t *testing.T) {
	t.Parallel()
	withPlaces := strings.NewReplacer(
		`"own": "1"`, `"own": "1", "s3.secret-key": "${env.S3}", "s3.session.token": "", "env.java.opts.all": "-Dfoo=1"`,
		`"args": ["a"]`, `"args": ["--db-password", "mine"]`,
		`"labels"`, `"log_configuration": {"log4j-console.properties": "rootLogger.level = INFO\n"}, "labels"`,
	).Replace(orders)
	for name, change := range map[string]func(m *memory){
		"the key in the place of a variable": func(m *memory) { m.set("planted", "flinkConfiguration", "s3.secret-key") },
		"the key in the place of nothing":    func(m *memory) { m.set("planted", "flinkConfiguration", "s3.session.token") },
		"a password in Java options": func(m *memory) {
			m.set("-Dfoo=1 -Djavax.net.ssl.trustStorePassword=planted", "flinkConfiguration", "env.java.opts.all")
		},
		"a password in a file of the logging": func(m *memory) {
			m.set("rootLogger.level = INFO\nappender.password = planted\n", "logConfiguration", "log4j-console.properties")
		},
		"another one in the arguments": func(m *memory) { m.set([]any{"--db-password", "mine", "--token=planted"}, "job", "args") },
		"a password in the URL of a variable": func(m *memory) {
			m.set([]any{flink.Tree{"name": "flink-main-container", "env": []any{flink.Tree{"name": "STAGE", "value": "http://u:planted@prod"}}}}, "podTemplate", "spec", "containers")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{t: t}
			c := newCore(t, m)
			config := c.config(withPlaces)
			c.apply(config)
			before := c.state
			change(m)
			c.refresh()
			for attribute := range c.fields(c.state) {
				if strings.Contains(c.text(attribute), "planted") {
					t.Errorf("%s shows the secret: %s", attribute, c.text(attribute))
				}
			}
			if c.state.Equal(before) {
				t.Error("the drift does not show")
			}
			c.apply(config)
			if sent := m.sent; strings.Contains(jsonOf(t, sent), "planted") {
				t.Errorf("the apply leaves %v", sent)
			}
		})
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
