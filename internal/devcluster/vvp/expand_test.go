package vvp

import (
	"net/http"
	"reflect"
	"testing"
)

// TestExpansion fills in what a POST and a PUT leave out, from the namespace over the
// platform, and nothing by a PATCH.
func TestExpansion(t *testing.T) {
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPatch, in("deployment-defaults"), `{"spec":{"maxJobCreationAttempts":2,"restoreStrategy":{"kind":"LATEST_SAVEPOINT","allowNonRestoredState":true},
			"template":{"spec":{"parallelism":3,"resources":{"taskmanager":{"memory":"4G"}},"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2"}}}}}`)
		made := c.must(http.MethodPost, in("deployments"), `{"metadata":{"name":"orders"},"spec":{"state":"CANCELLED","deploymentTargetName":"here","restoreStrategy":{"kind":"NONE"},
			"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://jars/orders.jar"},"flinkConfiguration":{"state.savepoints.dir":"s3://flink/savepoints"},"later":{"of":"3.x"}}}}}`)
		want := object{
			"state": "CANCELLED", "deploymentTargetName": "here", "maxJobCreationAttempts": 2.0, "maxSavepointCreationAttempts": 4.0,
			"upgradeStrategy": object{"kind": "STATEFUL"}, "restoreStrategy": object{"kind": "NONE"},
			"template": object{"metadata": object{"annotations": object{}}, "spec": object{
				"artifact": object{
					"kind": "JAR", "artifactKind": "JAR", "jarUri": "s3://jars/orders.jar", "flinkVersion": "1.20",
					"flinkImageRegistry": "registry.ververica.com/v2.15", "flinkImageRepository": "flink", "flinkImageTag": "1.20.1-stream1-scala_2.12-java11",
				},
				"parallelism": 3.0, "latestCheckpointFetchInterval": 60.0, "later": object{"of": "3.x"},
				"resources": object{"jobmanager": object{"cpu": 1.0, "memory": "1G"}, "taskmanager": object{"cpu": 1.0, "memory": "4G"}},
				"flinkConfiguration": object{
					"execution.checkpointing.interval": "10s", "state.backend.type": "rocksdb", "taskmanager.numberOfTaskSlots": "2", "state.savepoints.dir": "s3://flink/savepoints",
				},
				"logging": object{"loggingProfile": "default", "log4jLoggers": object{"": "INFO"}, "log4j2ConfigurationTemplate": nil},
			}},
		}
		if got := part(made, "spec"); !reflect.DeepEqual(got, want) {
			t.Errorf("it is expanded to\n%v\nwant\n%v", got, want)
		}
		options := func(o object) object { return part(o, "spec", "template", "spec", "flinkConfiguration") }
		after := c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"flinkConfiguration":{"state.backend.type":null,"one":"1"}}}}}`)
		if got := options(after); got["state.backend.type"] != nil || got["one"] != "1" || got["taskmanager.numberOfTaskSlots"] != "2" {
			t.Errorf("a PATCH leaves the options %v", got)
		}
		again := c.must(http.MethodPut, in("deployments/orders"), `{"spec":{"state":"CANCELLED","deploymentTargetName":"here","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://jars/orders.jar"},"flinkConfiguration":{"two":"2"}}}}}`)
		if got := options(again); got["state.backend.type"] != "rocksdb" || got["one"] != nil || got["two"] != "2" {
			t.Errorf("a PUT leaves the options %v", got)
		}
		if got := part(again, "metadata"); got["resourceVersion"] != 3.0 || got["id"] != id(made) || part(got, "annotations")[specVersion] != "3" {
			t.Errorf("the metadata are %v", got)
		}
	})
}

// TestSpellings stores options as texts, cores as numbers and a state in capitals, however
// they are sent. The vendor's description does not allow that, so nothing is requested.
func TestSpellings(t *testing.T) {
	spec := object{"state": "cancelled", "template": object{"spec": object{"resources": object{"jobmanager": object{"cpu": "0.5"}}, "flinkConfiguration": object{"a": 10000.0, "b": true, "c": 0.5}}}}
	normalize(spec)
	if got := part(spec, "template", "spec", "flinkConfiguration"); !reflect.DeepEqual(got, object{"a": "10000", "b": "true", "c": "0.5"}) {
		t.Errorf("the options are %v", got)
	}
	if got := part(spec, "template", "spec", "resources", "jobmanager")["cpu"]; got != 0.5 || spec["state"] != stateCancelled {
		t.Errorf("the cores are %v, and the state is %v", got, spec["state"])
	}
}

// TestRefused has what the server does not take.
func TestRefused(t *testing.T) {
	with(t, Options{}, func(c *client) {
		made := c.must(http.MethodPost, in("deployments"), orders("", `"state":"CANCELLED",`))
		target := in("deployment-targets/here")
		for name, test := range map[string]struct {
			code                     int
			part, method, path, body string
		}{
			"a name that is taken":       {http.StatusConflict, "already exists", http.MethodPost, in("deployments"), orders("", "")},
			"a name in capitals":         {http.StatusBadRequest, "metadata.name", http.MethodPut, in("deployments/Orders"), `{"spec":{}}`},
			"another name":               {http.StatusBadRequest, "cannot be changed", http.MethodPatch, in("deployments/" + id(made)), `{"metadata":{"name":"other"}}`},
			"another namespace":          {http.StatusBadRequest, "metadata.namespace", http.MethodPatch, in("deployments/orders"), `{"metadata":{"namespace":"other"}}`},
			"two places":                 {http.StatusBadRequest, "only one of", http.MethodPatch, in("deployments/orders"), `{"spec":{"sessionClusterName":"shared"}}`},
			"no place":                   {http.StatusBadRequest, "one of", http.MethodPatch, in("deployments/orders"), `{"spec":{"deploymentTargetName":null}}`},
			"a session that is not":      {http.StatusBadRequest, "SessionCluster 'shared' not found", http.MethodPatch, in("deployments/orders"), `{"spec":{"deploymentTargetName":null,"sessionClusterName":"shared"}}`},
			"too little of a core":       {http.StatusBadRequest, "cpu", http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"resources":{"taskmanager":{"cpu":0.05}}}}}}`},
			"no artifact":                {http.StatusBadRequest, "artifact", http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"artifact":null}}}}`},
			"pods both ways":             {http.StatusBadRequest, "pods", http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"kubernetes":{"pods":{},"jobManagerPodTemplate":{}}}}}}`},
			"no parallelism":             {http.StatusBadRequest, "parallelism", http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"parallelism":0}}}}`},
			"a namespace that is not":    {http.StatusNotFound, "Namespace 'other' not found", http.MethodGet, "/api/v1/namespaces/other/deployments", ""},
			"a target in use":            {http.StatusConflict, "still referenced by Deployment 'orders'", http.MethodDelete, target, ""},
			"another target":             {http.StatusBadRequest, "cannot be changed", http.MethodPut, target, `{"spec":{"kubernetes":{"namespace":"other"}}}`},
			"nothing to save":            {http.StatusBadRequest, "No active job for a deployment.", http.MethodPost, in("savepoints"), `{"kind":"Savepoint","metadata":{"deploymentId":"` + id(made) + `"}}`},
			"a namespace without":        {http.StatusBadRequest, "name:", http.MethodPost, "/namespaces/v1/namespaces", `{"name":"other"}`},
			"a session without an image": {http.StatusBadRequest, "flinkImageTag", http.MethodPost, in("sessionclusters"), `{"metadata":{"name":"shared"},"spec":{"state":"RUNNING","deploymentTargetName":"here","flinkVersion":"1.20"}}`},
		} {
			c.refused(test.code, test.part, test.method, test.path, test.body)
			if t.Failed() {
				t.Fatal(name)
			}
		}
		c.must(http.MethodPut, target, `{"metadata":{"labels":{"a":"b"}},"spec":{"kubernetes":{"namespace":"flink"}}}`)
		if list := c.items("deployments?labelSelector=a=b"); len(list) != 0 {
			t.Errorf("the selector finds %v", list)
		}
		c.must(http.MethodPatch, in("deployments/orders"), `{"metadata":{"labels":{"a":"b"}}}`)
		if list := c.items("deployments?labelSelector=a=b"); len(list) != 1 {
			t.Errorf("the selector finds %v", list)
		}
		c.must(http.MethodDelete, in("deployments/orders"), "")
		c.must(http.MethodDelete, target, "")
	})
}

// TestSecrets never shows a value, which the options of a job may have.
func TestSecrets(t *testing.T) {
	with(t, Options{}, func(c *client) {
		for _, answer := range []object{
			c.must(http.MethodPost, in("secret-values"), `{"kind":"SecretValue","metadata":{"name":"KEY"},"spec":{"kind":"Plain","value":"secret"}}`),
			c.must(http.MethodGet, in("secret-values/KEY"), ""),
			c.must(http.MethodPatch, in("secret-values/KEY"), `{"spec":{"value":"other"}}`),
		} {
			if spec := part(answer, "spec"); !reflect.DeepEqual(spec, object{"kind": "PLAIN"}) {
				t.Errorf("it is shown as %v", spec)
			}
		}
		c.must(http.MethodPost, in("deployments"), orders("", `"maxJobCreationAttempts":1,`))
		c.become(stateRunning, "deployments/orders")
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"flinkConfiguration":{"a":"${KEY}"}}}}}`)
		is := c.become(stateTransitioning, "deployments/orders")
		c.become(stateRunning, "deployments/orders")
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"template":{"spec":{"flinkConfiguration":{"a":"${NONE}"}}}}}`)
		c.become(stateFailed, "deployments/orders")
		found := false
		for _, event := range c.items("events?deploymentId=" + id(is)) {
			found = found || text(part(event, "spec"), "message") == "Failed creating a new job: secret value does not exist: 'NONE', to which a refers"
		}
		if !found {
			t.Error("no event tells of the secret that is not there")
		}
	})
}
