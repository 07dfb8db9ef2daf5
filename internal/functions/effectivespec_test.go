package functions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// job is the least that a deployment says.
func job(t *testing.T) types.Object {
	return object(t, map[string]attr.Value{"jar_uri": str("local:///orders.jar"), "parallelism": number(t, "2")})
}

const leastJob = `"job":{"jarURI":"local:///orders.jar","parallelism":2,"state":"running","upgradeMode":"stateless"}`

func TestEffectiveSpec(t *testing.T) {
	settings := `{"environment":"prod","deployment_defaults":{"image":"a:1","flinkConfiguration":{"state.savepoints.dir":"s3://s","gone":"1"}},"deployment_overrides":{"labels":{"team":"data"}}}`
	nothing := object(t, nil)
	for _, test := range []struct {
		name                    string
		environment, deployment map[string]attr.Value
		want                    string
	}{
		{"nothing but a job", nil, map[string]attr.Value{"job": job(t)}, `{` + leastJob + `}`},
		{
			"keys of Secrets, and write-only values",
			nil,
			map[string]attr.Value{
				"job": job(t), "secret_configuration": object(t, map[string]attr.Value{"s3.access-key": texts(t, map[string]string{"secret": "s3", "key": "id"})}),
				"secret_configuration_wo": texts(t, map[string]string{"s3.secret-key": "planted"}), "secret_configuration_wo_version": number(t, "1"), "name": str("orders"),
			},
			`{"flinkConfiguration":{"kubernetes.env.secretKeyRef":"env:FLINK_SECRET_S3_ACCESS_KEY,secret:s3,key:id","s3.access-key":"${env.FLINK_SECRET_S3_ACCESS_KEY}"},` + leastJob + `}`,
		},
		{
			"settings",
			map[string]attr.Value{"settings": str(settings)},
			map[string]attr.Value{"job": job(t), "flink_configuration": object(t, map[string]attr.Value{"slots": number(t, "2"), "gone": types.StringNull()})},
			`{"flinkConfiguration":{"slots":"2","state.savepoints.dir":"s3://s"},"image":"a:1","job":{"jarURI":"local:///orders.jar","parallelism":2,"state":"running","upgradeMode":"stateless"},"metadata":{"labels":{"team":"data"}}}`,
		},
		{
			"settings in the forms of the operator's definition",
			map[string]attr.Value{"settings": str(`{"environment":"prod","deployment_defaults":{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":2,"state":{"savepoints.dir":"s3://s","gone":true}},"taskManager":{"resources":{"requests":{"cpu":1}}}},"deployment_overrides":{"flinkConfiguration":{"state":{"gone":null}}}}`)},
			map[string]attr.Value{"job": job(t)},
			`{"flinkConfiguration":{"state.savepoints.dir":"s3://s","taskmanager.numberOfTaskSlots":"2"},"job":{"jarURI":"local:///orders.jar","parallelism":2,"state":"running","upgradeMode":"stateless"},"taskManager":{"resources":{"requests":{"cpu":"1"}}}}`,
		},
		{
			"a whole environment",
			map[string]attr.Value{
				"settings": str(settings), "deployment_defaults": object(t, map[string]attr.Value{"image": str("other")}),
				"id": types.StringUnknown(), "name": str("prod"), "namespace": types.StringUnknown(), "platform": str("operator"), "operator": nothing, "timeouts": nothing,
			},
			map[string]attr.Value{
				"job": job(t), "image": str("b:1"), "name": types.StringUnknown(), "rollout": types.DynamicUnknown(), "environment": nothing,
				"task_manager": types.DynamicNull(), "labels": types.MapNull(types.StringType),
			},
			`{"flinkConfiguration":{"gone":"1","state.savepoints.dir":"s3://s"},"image":"b:1","job":{"jarURI":"local:///orders.jar","parallelism":2,"state":"running","upgradeMode":"stateless"},"metadata":{"labels":{"team":"data"}}}`,
		},
		{
			"layers",
			map[string]attr.Value{
				"deployment_defaults": object(t, map[string]attr.Value{
					"task_manager": object(t, map[string]attr.Value{"resource": object(t, map[string]attr.Value{"cpu": number(t, "0.5"), "memory": str("2g")})}),
					"pod_template": str("spec: {containers: [{name: flink-main-container, env: [{name: A, value: a}]}]}"),
				}),
				"deployment_overrides": object(t, map[string]attr.Value{"log_configuration": texts(t, map[string]string{"log4j-console.properties": "x"})}),
			},
			map[string]attr.Value{
				"job": object(t, map[string]attr.Value{
					"parallelism": str("2"), "args": tuple(t, str("--n"), number(t, "1"), types.BoolValue(true)), "allow_non_restored_state": str("true"), "state": str("suspended"),
				}),
				"upgrade":          object(t, map[string]attr.Value{"mode": str("last_state"), "on_failure": str("keep")}),
				"restart_triggers": texts(t, map[string]string{"a": "b"}),
				"annotations":      texts(t, map[string]string{"note": "x"}),
				"pod_template":     str("spec: {containers: [{name: flink-main-container, env: [{name: B, value: b}]}]}"),
				"ingress":          object(t, map[string]attr.Value{"tls": tuple(t, object(t, map[string]attr.Value{"hosts": tuple(t, str("h"))}))}),
			},
			`{"ingress":{"tls":[{"hosts":["h"]}]},"job":{"allowNonRestoredState":true,"args":["--n","1","true"],"parallelism":2,"state":"suspended","upgradeMode":"last-state"},` +
				`"logConfiguration":{"log4j-console.properties":"x"},"metadata":{"annotations":{"note":"x"}},` +
				`"podTemplate":{"spec":{"containers":[{"env":[{"name":"A","value":"a"},{"name":"B","value":"b"}],"name":"flink-main-container"}]}},` +
				`"restartNonce":66646501770684,"taskManager":{"resource":{"cpu":0.5,"memory":"2g"}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, fault := run(t, effectiveSpec(t), dynamic(object(t, test.environment)), dynamic(object(t, test.deployment)))
			if fault != nil {
				t.Fatal(fault)
			}
			if diff := cmp.Diff(test.want, got.(types.String).ValueString()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEffectiveSpecIsUnknown(t *testing.T) {
	environment := object(t, map[string]attr.Value{"namespace": str("flink")})
	deployment := object(t, map[string]attr.Value{"job": job(t)})
	for name, test := range map[string]struct{ environment, deployment types.Dynamic }{
		"the environment": {types.DynamicUnknown(), dynamic(deployment)},
		"the deployment":  {dynamic(environment), types.DynamicUnknown()},
		"the settings":    {dynamic(object(t, map[string]attr.Value{"settings": types.StringUnknown()})), dynamic(deployment)},
		"a default": {
			dynamic(object(t, map[string]attr.Value{"deployment_defaults": object(t, map[string]attr.Value{"image": types.StringUnknown()})})),
			dynamic(deployment),
		},
		"an image":    {dynamic(environment), dynamic(object(t, map[string]attr.Value{"job": job(t), "image": types.StringUnknown()}))},
		"an argument": {dynamic(environment), dynamic(object(t, map[string]attr.Value{"job": object(t, map[string]attr.Value{"args": tuple(t, types.StringUnknown())})}))},
	} {
		t.Run(name, func(t *testing.T) {
			got, fault := run(t, effectiveSpec(t), test.environment, test.deployment)
			if fault != nil || !got.IsUnknown() {
				t.Errorf("effective_spec is %v, %v", got, fault)
			}
		})
	}
}

func TestEffectiveSpecFaults(t *testing.T) {
	good := map[string]attr.Value{"job": job(t)}
	with := func(name string, value attr.Value) map[string]attr.Value {
		return map[string]attr.Value{"job": job(t), name: value}
	}
	fields := func(name string, value attr.Value) types.Object {
		return object(t, map[string]attr.Value{name: value})
	}
	broken := str("a: 1\n b: 2\n")
	for _, test := range []struct {
		name                    string
		environment, deployment map[string]attr.Value
		position                int64
		want                    string
	}{
		{"no job", nil, nil, 1, "job is missing"},
		{"an attribute that does not exist", nil, with("flink_config", str("")), 1, "there is no attribute flink_config; there are annotations, flink_configuration, "},
		{"one below", nil, map[string]attr.Value{"job": fields("jar", str(""))}, 1, "no attribute job.jar; there are allow_non_restored_state"},
		{"one of the environment", map[string]attr.Value{"defaults": str("")}, good, 0, "no attribute defaults"},
		{"a text for an object", nil, map[string]attr.Value{"job": str("a")}, 1, "the attribute job is an object"},
		{"a text for a map", nil, with("labels", str("a")), 1, "labels is a map"},
		{"an object for a list", nil, map[string]attr.Value{"job": fields("args", job(t))}, 1, "job.args is a list"},
		{"a list for a text", nil, with("image", tuple(t)), 1, "image is a text"},
		{"a fraction", nil, map[string]attr.Value{"job": fields("parallelism", number(t, "1.5"))}, 1, "job.parallelism is a whole number"},
		{"no number", nil, with("task_manager", fields("resource", fields("cpu", str("much")))), 1, "task_manager.resource.cpu is a number"},
		{"no boolean", nil, map[string]attr.Value{"job": fields("allow_non_restored_state", str("yes"))}, 1, "is true or false"},
		{"a null element", nil, with("restart_triggers", fields("a", types.StringNull())), 1, `restart_triggers["a"] cannot be null`},
		{"a null argument", nil, map[string]attr.Value{"job": fields("args", tuple(t, types.StringNull()))}, 1, "job.args[0] cannot be null"},
		{"an unknown mode", nil, with("upgrade", fields("mode", str("last-state"))), 1, "one of savepoint, last_state, stateless"},
		{"an unknown strategy", nil, with("upgrade", fields("strategy", str("canary"))), 1, "upgrade.strategy is in_place or blue_green"},
		{"a broken template", nil, with("pod_template", broken), 1, "The value of pod_template: Not valid YAML or JSON: line 2"},
		{"a broken template of the environment", map[string]attr.Value{"deployment_defaults": fields("pod_template", broken)}, good, 0, "deployment_defaults.pod_template"},
		{"broken settings", map[string]attr.Value{"settings": str("{")}, good, 0, "not what an environment wrote"},
		{"a template that cannot be merged", nil, with("pod_template", str("spec: {$patch: other}")), 1, "cannot be expanded: pod_template"},
		{
			"an override that cannot be merged",
			map[string]attr.Value{"name": str("prod"), "deployment_overrides": fields("pod_template", str("spec: {$patch: other}"))},
			good, 0, "override of environment prod",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, fault := run(t, effectiveSpec(t), dynamic(object(t, test.environment)), dynamic(object(t, test.deployment)))
			wantFault(t, fault, test.position, test.want)
		})
	}
	_, fault := run(t, effectiveSpec(t), text("prod"), dynamic(object(t, good)))
	wantFault(t, fault, 0, "an object is expected")
}
