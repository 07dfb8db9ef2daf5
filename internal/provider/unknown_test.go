package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// way leads to an attribute, for example ["environment", "namespace"].
type way []string

func (w way) String() string { return strings.Join(w, ".") }

// ways are the attributes that a configuration can set, with those of objects in
// them.
func ways(schema []*tfprotov6.SchemaAttribute, at way) []way {
	var out []way
	for _, a := range schema {
		if !a.Optional && !a.Required || a.WriteOnly {
			continue
		}
		here := append(slices.Clone(at), a.Name)
		out = append(out, here)
		if a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle {
			out = append(out, ways(a.NestedType.Attributes, here)...)
		}
	}
	return out
}

// at returns the value at the end of a way, with ok false where there is no
// object that has it.
func at(object tftypes.Value, w way) (value tftypes.Value, ok bool) {
	for _, name := range w {
		values := attributes(object)
		if object, ok = values[name]; !ok {
			return object, false
		}
	}
	return object, true
}

// set returns an object with another value at the end of a way.
func set(object, value tftypes.Value, w way) tftypes.Value {
	if len(w) == 0 {
		return value
	}
	values := attributes(object)
	values[w[0]] = set(values[w[0]], value, w[1:])
	return tftypes.NewValue(object.Type(), values)
}

// candidates are other values for attributes: the first that is valid is taken.
func candidates(of tftypes.Type) []tftypes.Value {
	var out []tftypes.Value
	switch typed := of.(type) {
	case tftypes.Map:
		for _, element := range candidates(typed.ElementType) {
			for _, key := range []string{"other", "delete", "cpu", "deletion_delay", "log4j-console.properties", "s3.secret-key"} {
				out = append(out, tftypes.NewValue(of, map[string]tftypes.Value{key: element}))
			}
		}
	case tftypes.List:
		for _, element := range candidates(typed.ElementType) {
			out = append(out, tftypes.NewValue(of, []tftypes.Value{element}))
		}
	case tftypes.Set:
		for _, element := range candidates(typed.ElementType) {
			out = append(out, tftypes.NewValue(of, []tftypes.Value{element}))
		}
	case tftypes.Object:
		whole := map[string]tftypes.Value{}
		for name, field := range typed.AttributeTypes {
			whole[name] = candidates(field)[0]
		}
		out = append(out, tftypes.NewValue(of, whole))
		if _, isKafka := typed.AttributeTypes["bootstrap_servers"]; isKafka {
			outside := map[string]tftypes.Value{}
			for name, field := range typed.AttributeTypes {
				outside[name] = tftypes.NewValue(field, nil)
			}
			outside["provider"], outside["bootstrap_servers"] = tftypes.NewValue(tftypes.String, "external"), tftypes.NewValue(tftypes.String, "kafka:9092")
			out = append(out, tftypes.NewValue(of, outside))
		}
		for name, field := range typed.AttributeTypes {
			for _, value := range candidates(field) {
				values := map[string]tftypes.Value{}
				for other, t := range typed.AttributeTypes {
					values[other] = tftypes.NewValue(t, nil)
				}
				values[name] = value
				out = append(out, tftypes.NewValue(of, values))
			}
		}
	default:
		if of.Is(tftypes.Bool) {
			return []tftypes.Value{tftypes.NewValue(of, true), tftypes.NewValue(of, false)}
		}
		if of.Is(tftypes.Number) {
			return []tftypes.Value{tftypes.NewValue(of, 3), tftypes.NewValue(of, 4)}
		}
		for _, text := range []string{"other", "3g", "7m", "v1_20", "v1_19->v1_20", "Always", "standalone", "suspended", "stateless", "in_place", "keep", "running", "native", "s3://other", "local:///other.jar", "https://repo.example.com/other.jar", "{{name}}.example.com", "{}", `{"spec":{"hostNetwork":true}}`} {
			out = append(out, tftypes.NewValue(tftypes.String, text))
		}
	}
	return out
}

// other returns a configuration with another value at the end of a way, one that
// the provider takes for the resource.
func (s *session) other(state held, config tftypes.Value, w way) (tftypes.Value, bool) {
	s.t.Helper()
	before, _ := at(config, w)
	for _, value := range candidates(before.Type()) {
		if value.Equal(before) {
			continue
		}
		changed := set(config, value, w)
		checked, err := s.server.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: s.kind, Config: dynamic(s.t, changed)})
		if err != nil {
			s.t.Fatal(err)
		}
		if errorsIn(checked.Diagnostics) == "" && s.plan(state, changed).said == "" {
			return changed, true
		}
	}
	return config, false
}

// base are the configurations of the resource types.
func base(kind string) map[string]any {
	environment := map[string]any{"namespace": "prod", "name": "prod", "platform": "operator", "settings": `{"environment":"prod"}`}
	resources := map[string]any{"resource": map[string]any{"cpu": 1, "memory": "2g"}}
	configuration := map[string]any{"state.savepoints.dir": "s3://sp", "state.checkpoints.dir": "s3://cp", "high-availability.type": "kubernetes", "high-availability.storageDir": "s3://ha"}
	cluster := map[string]any{
		"environment": environment, "name": "orders", "flink_version": "v1_19", "service_account": "flink", "wait_for": "submitted", "mode": "native",
		"image": "flink:1", "job_manager": resources, "task_manager": resources, "flink_configuration": configuration, "timeouts": map[string]any{"update": "1m"},
		"restart_triggers": map[string]any{"a": "1"}, "ingress": map[string]any{"template": "{{name}}.example.org"}, "labels": map[string]any{"team": "a"},
	}
	job := map[string]any{"jar_uri": "https://repo.example.com/job.jar", "parallelism": 2, "state": "running"}
	upgrade := map[string]any{"allow_state_loss": true, "mode": "savepoint", "on_failure": "rollback"}
	switch kind {
	case "flink_deployment":
		cluster["job"] = maps.Clone(job)
		cluster["upgrade"] = upgrade
	case "flink_session_cluster":
		cluster["upgrade"] = map[string]any{"allow_state_loss": true, "on_failure": "rollback"}
	case "flink_session_job":
		return map[string]any{
			"environment": environment, "name": "orders", "session_cluster": "shared", "wait_for": "submitted", "job": job, "upgrade": upgrade,
			"flink_configuration": map[string]any{"state.savepoints.dir": "s3://sp", "state.checkpoints.dir": "s3://cp"}, "timeouts": map[string]any{"update": "1m"},
			"restart_triggers": map[string]any{"a": "1"}, "labels": map[string]any{"team": "a"},
		}
	case "flink_savepoint":
		return map[string]any{
			"environment": map[string]any{"namespace": "prod", "name": "prod", "platform": "operator"}, "name": "before", "deployment": "source",
			"triggers": map[string]any{"a": "1"}, "path": "s3://sp", "format": "canonical", "timeouts": map[string]any{"update": "1m"},
		}
	case "flink_environment":
		return map[string]any{
			"name": "prod", "namespace": "own", "platform": "operator", "operator": map[string]any{"service_account": "flink", "labels": map[string]any{"team": "a"}},
			"deployment_defaults": map[string]any{"image": "flink:1", "labels": map[string]any{"a": "1"}}, "timeouts": map[string]any{"update": "1m"},
		}
	}
	return cluster
}

// neighbors stand beside the resource, and for whatever another value leads to.
func neighbors(c *memoryCluster) {
	const flink = "apis/flink.apache.org/v1beta1/namespaces/"
	for _, namespace := range []string{"prod", "other"} {
		c.put("api/v1/namespaces/"+namespace, map[string]any{})
		for _, name := range []string{"shared", "other"} {
			c.put(flink+namespace+"/flinkdeployments/"+name, map[string]any{"spec": map[string]any{}})
		}
		c.put(flink+namespace+"/flinkdeployments/source", map[string]any{"spec": map[string]any{"job": map[string]any{"state": "running"}}})
	}
	c.put(flink+"other/flinkdeployments/orders", map[string]any{"spec": map[string]any{"job": map[string]any{"state": "running"}}})
	c.put(flink+"other/flinksessionjobs/orders", map[string]any{"spec": map[string]any{"job": map[string]any{"state": "running"}}})
}

// own tells whether a path is of the resource in the tests, or of what the
// provider keeps beside it.
func own(kind, path string) bool {
	if kind == "flink_environment" {
		return strings.HasPrefix(path, "api/v1/namespaces/own") || strings.Contains(path, "/namespaces/own/")
	}
	name := path[strings.LastIndex(path, "/")+1:]
	return strings.Contains(path, "/namespaces/prod/") && (strings.HasPrefix(name, "orders") || strings.HasPrefix(name, "before"))
}

// noOther are the attributes that have no other value: the base has one platform, and
// what it has excludes the others.
var noOther = []string{"platform", "environment.platform", "confluent", "ververica", "cloudflow", "clowder", "deployment_defaults.ververica", "session_job", "job_manager.resources", "task_manager.resources"}

// Whatever is unknown in a plan: nothing is replaced for it, the apply is what
// was planned, whether the value turns out to be the same or another one, and
// nothing but the resource's own object is written. Where another value is
// another object, the apply is refused before it writes.
func TestUnknownNeverReplaces(t *testing.T) {
	for _, kind := range []string{"flink_deployment", "flink_session_cluster", "flink_session_job", "flink_savepoint", "flink_environment"} {
		first := newSession(t, kind, "http://localhost")
		config := write(t, first.of, base(kind))
		for _, w := range ways(first.schema.Block.Attributes, nil) {
			if _, ok := at(config, w); !ok {
				continue
			}
			t.Run(kind+"/"+w.String(), func(t *testing.T) {
				t.Parallel()
				unknownTurnsOut(t, kind, w, false)
				if !slices.Contains(noOther, w.String()) {
					unknownTurnsOut(t, kind, w, true)
				}
			})
		}
	}
}

// unknownTurnsOut changes a resource that exists by a value that is unknown in
// the plan.
func unknownTurnsOut(t *testing.T, kind string, w way, another bool) {
	t.Helper()
	cluster := newMemoryCluster(t)
	neighbors(cluster)
	creates := newSession(t, kind, cluster.URL)
	config := write(t, creates.of, base(kind))
	none := held{value: tftypes.NewValue(creates.of, nil)}
	value, _ := at(config, w)
	unknown := set(config, tftypes.NewValue(value.Type(), tftypes.UnknownValue), w)
	first, plan := creates.plan(none, unknown), creates.plan(none, config)
	if plan.said != "" || first.said != "" {
		t.Fatal(first.said, plan.said)
	}
	if diff := compatible(first.value, plan.value, ""); len(diff) > 0 {
		t.Errorf("inconsistent final plan of the create: %s", strings.Join(diff, "\n"))
	}
	state, said := creates.apply(none, config, plan)
	if said != "" {
		t.Fatal(said)
	}

	plans := creates
	state = plans.refresh(state)
	if again := plans.plan(state, config); !again.value.Equal(state.value) || again.said != "" {
		t.Fatalf("the plan after the create is not empty: %s%v", again.said, compatible(state.value, again.value, ""))
	}
	known := config
	if another {
		var ok bool
		if known, ok = plans.other(state, config, w); !ok {
			t.Fatal("no other value is valid: add one to candidates")
		}
	}
	replaces := len(plans.plan(state, known).replaces) > 0
	early := plans.plan(state, unknown)
	if early.said != "" {
		t.Fatalf("unknown: %s", early.said)
	}
	if len(early.replaces) > 0 {
		t.Fatalf("unknown: replaces for %v", early.replaces)
	}

	if early.value.Equal(state.value) {
		t.Error("unknown: nothing is planned, so nothing would be noticed")
	}

	cluster.wrote()
	applies := newSession(t, kind, cluster.URL)
	late := applies.plan(state, known)
	if replaces {
		if !strings.Contains(late.said, "which is not planned") {
			t.Errorf("another object: %q, replaces for %v", late.said, late.replaces)
		}
		forced := planned{value: applies.settle(known, state, early), private: state.private}
		if _, said := applies.apply(state, known, forced); !strings.Contains(said, "which is not planned") {
			t.Errorf("an apply without a second plan: %q", said)
		}
		if paths := cluster.wrote(); len(paths) > 0 {
			t.Errorf("wrote %v", paths)
		}
		return
	}
	if late.said != "" || len(late.replaces) > 0 {
		t.Fatalf("known: %q, replaces for %v", late.said, late.replaces)
	}
	if diff := compatible(early.value, late.value, ""); len(diff) > 0 {
		t.Errorf("inconsistent final plan: %s", strings.Join(diff, "\n"))
	}
	if late.value.Equal(state.value) {
		return
	}
	after, said := applies.apply(state, known, late)
	if said != "" {
		t.Fatal(said)
	}
	if diff := compatible(late.value, after.value, ""); len(diff) > 0 || !after.value.IsFullyKnown() {
		t.Errorf("inconsistent result: %s", strings.Join(diff, "\n"))
	}
	for _, path := range cluster.wrote() {
		if !own(kind, path) {
			t.Errorf("wrote %s", path)
		}
	}
}

// settle is a plan in place with the values that have become known.
func (s *session) settle(config tftypes.Value, state held, early planned) tftypes.Value {
	values := attributes(early.value)
	for name, value := range attributes(config) {
		if computed := slices.ContainsFunc(s.schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name && a.Computed }); !computed || !value.IsNull() {
			values[name] = value
		}
	}
	for name, value := range attributes(state.value) {
		if !values[name].IsKnown() {
			values[name] = value
		}
	}
	return tftypes.NewValue(s.of, values)
}

// What an environment's defaults say and a resource does not take is no change of
// it, so that a plan shows what a default does and nothing else.
func TestDefaultsWithoutEffectChangeNothing(t *testing.T) {
	const defaults = `{"deployment_defaults":{"image":"flink:2"},"environment":"prod"}`
	for _, kind := range []string{"flink_deployment", "flink_session_cluster", "flink_session_job", "flink_savepoint"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cluster := newMemoryCluster(t)
			neighbors(cluster)
			s := newSession(t, kind, cluster.URL)
			config := write(t, s.of, base(kind))
			none := held{value: tftypes.NewValue(s.of, nil)}
			state, said := s.apply(none, config, s.plan(none, config))
			if said != "" {
				t.Fatal(said)
			}
			changed := config
			if settings, ok := at(config, way{"environment", "settings"}); ok {
				changed = set(config, tftypes.NewValue(settings.Type(), defaults), way{"environment", "settings"})
			} else if kind != "flink_savepoint" {
				t.Fatal("there are no settings")
			}
			if plan := s.plan(state, changed); plan.said != "" || !plan.value.Equal(state.value) {
				t.Errorf("planned %s%v", plan.said, compatible(state.value, plan.value, ""))
			}
			if kind == "flink_savepoint" {
				return
			}
			own, _ := at(config, way{"image"})
			if kind == "flink_session_job" {
				own, _ = at(config, way{"labels"})
				changed = set(changed, tftypes.NewValue(own.Type(), nil), way{"labels"})
			} else {
				changed = set(changed, tftypes.NewValue(own.Type(), nil), way{"image"})
			}
			if plan := s.plan(state, changed); plan.said != "" || plan.value.Equal(state.value) {
				t.Errorf("with an effect: %q, and nothing is planned", plan.said)
			}
		})
	}
}

// A state of an older provider has the settings of the environment in a savepoint.
func TestASavepointOfAnOlderProviderIsRead(t *testing.T) {
	s := newSession(t, "flink_savepoint", "http://localhost")
	resp, err := s.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "flink_savepoint",
		RawState: &tfprotov6.RawState{JSON: []byte(`{"environment":{"name":"prod","namespace":"prod","platform":null,"settings":"{}"},"name":"before","deployment":"orders","location":"s3://sp/1"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if said := errorsIn(resp.Diagnostics); said != "" {
		t.Fatal(said)
	}
	namespace, ok := at(s.value(resp.UpgradedState), way{"environment", "namespace"})
	if !ok || !namespace.Equal(tftypes.NewValue(tftypes.String, "prod")) {
		t.Errorf("the namespace is %s", namespace)
	}
}

// Another name is another object, also when something else is not known yet: the
// guard speaks.
func TestAReplacementIsGuardedBesideAnUnknownValue(t *testing.T) {
	for kind, beside := range map[string]way{"flink_deployment": {"image"}, "flink_session_job": {"job", "jar_uri"}} {
		cluster := newMemoryCluster(t)
		neighbors(cluster)
		s := newSession(t, kind, cluster.URL)
		values := base(kind)
		upgrade, ok := values["upgrade"].(map[string]any)
		if !ok {
			t.Fatal("no upgrade")
		}
		delete(upgrade, "allow_state_loss")
		config := write(t, s.of, values)
		none := held{value: tftypes.NewValue(s.of, nil)}
		state, said := s.apply(none, config, s.plan(none, config))
		if said != "" {
			t.Fatal(said)
		}
		state = s.refresh(state)
		value, _ := at(config, beside)
		changed := set(config, tftypes.NewValue(value.Type(), tftypes.UnknownValue), beside)
		changed = set(changed, tftypes.NewValue(tftypes.String, "baskets"), way{"name"})
		if plan := s.plan(state, changed); !strings.Contains(plan.said, `The state of "orders" would be lost`) {
			t.Errorf("%s: %q", kind, plan.said)
		}
		changed = set(changed, tftypes.NewValue(tftypes.Bool, true), way{"deletion_protection"})
		state.value = set(state.value, tftypes.NewValue(tftypes.Bool, true), way{"deletion_protection"})
		if plan := s.plan(state, changed); !strings.Contains(plan.said, `is protected`) {
			t.Errorf("%s: %q", kind, plan.said)
		}
	}
}
