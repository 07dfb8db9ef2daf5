package clowd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// object is one with a generation and a status.
func object(t *testing.T, generation, status string) flink.Tree {
	t.Helper()
	tree, err := flink.ParseTree([]byte(`{"metadata": {"generation": ` + generation + `}, "status": ` + status + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestReconciliation reads what the real operator was seen to write.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		generation, status string
		want               Reconciliation
	}{
		"no environment": {"2", `{}`, Reconciliation{}},
		"rolled out": {
			"2", `{"ready": true, "generation": 2, "conditions": [{"type": "DeploymentsReady", "status": "True"}, {"type": "ReconciliationFailed", "status": "False"}, {"type": "ReconciliationSuccessful", "status": "True"}]}`,
			Reconciliation{Current: true, Done: true, Ready: true},
		},
		"ready while it fails": {
			"3", `{"ready": true, "generation": 2, "conditions": [{"type": "DeploymentsReady", "status": "True", "message": "no such thing"}, {"type": "ReconciliationFailed", "status": "True", "message": "no such thing"}, {"type": "ReconciliationSuccessful", "status": "False"}]}`,
			Reconciliation{Ready: true, Problem: "no such thing"},
		},
		"the text stands in a condition that is true": {
			"3", `{"ready": true, "generation": 3, "conditions": [{"type": "DeploymentsReady", "status": "True", "message": "no such thing"}, {"type": "ReconciliationSuccessful", "status": "False"}]}`,
			Reconciliation{Current: true, Ready: true, Problem: "no such thing"},
		},
		"of the version before": {
			"3", `{"ready": true, "generation": 2, "conditions": [{"type": "DeploymentsReady", "status": "True"}, {"type": "ReconciliationSuccessful", "status": "True"}]}`,
			Reconciliation{Ready: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ReconciliationOf(object(t, test.generation, test.status))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestWorkload tells a Deployment that has arrived from one that has not.
func TestWorkload(t *testing.T) {
	t.Parallel()
	live, mark := written(t, specOf(t, whole))
	deployment := func(revision, spec, status string) flink.Tree {
		other := mark
		if revision != "" {
			other.Revision = 2
		}
		out := object(t, "4", status)
		put(out, other.String(), "metadata", "annotations", AnnotationMark)
		tree, err := flink.ParseTree([]byte(spec))
		if err != nil {
			t.Fatal(err)
		}
		out["spec"] = tree
		return out
	}
	done := Reconciliation{Current: true, Done: true}
	const up = `{"observedGeneration": 4, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}`
	for name, test := range map[string]struct {
		app        Reconciliation
		deployment flink.Tree
		arrived    bool
	}{
		"it runs":                    {done, deployment("", `{"replicas": 1}`, up), true},
		"another version runs":       {done, deployment("2", `{"replicas": 1}`, up), false},
		"Clowder is not done":        {Reconciliation{}, deployment("", `{"replicas": 1}`, up), false},
		"there is none":              {done, nil, false},
		"its status is older":        {done, deployment("", `{"replicas": 1}`, `{"observedGeneration": 3, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}`), false},
		"the old pod still runs":     {done, deployment("", `{"replicas": 1}`, `{"observedGeneration": 4, "replicas": 2, "readyReplicas": 1, "updatedReplicas": 1}`), false},
		"its job does not run":       {done, deployment("", `{"replicas": 1}`, `{"observedGeneration": 4, "replicas": 1, "updatedReplicas": 1}`), false},
		"there shall be none":        {done, deployment("", `{"replicas": 0}`, `{"observedGeneration": 4}`), true},
		"one is left that shall not": {done, deployment("", `{"replicas": 0}`, `{"observedGeneration": 4, "replicas": 1}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := Seen{Entry: live, Mark: mark, App: test.app, Workload: WorkloadOf(test.deployment)}
			if got := seen.Arrived(); got != test.arrived {
				t.Errorf("it has arrived: %t, want %t: %s", got, test.arrived, seen.Waited())
			}
		})
	}
}

func TestCauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cause        Cause
		text, remedy string
		lasting      bool
	}{
		"a topic that nobody makes": {AppCause("Missing dependencies: topics: No KafkaTopic named 'orders' found in namespace 'kafka'"), "the topic orders has no KafkaTopic", "app-interface", true},
		"no brokers":                {AppCause("Cannot find kafka bootstrap service kafka:prod-kafka-bootstrap"), "prod-kafka-bootstrap", "clowder.kafka.cluster", true},
		"a newer Strimzi":           {AppCause(`no matches for kind "Kafka" in version "kafka.strimzi.io/v1beta2"`), "v1beta2", "Strimzi 0.51", true},
		"a Kafka that comes up":     {EnvironmentCause("runprov: kafka: unable to determine kafka broker addresses: kafka cluster 'a' in ns 'b' has no listener status"), "no listener status", "Strimzi's operator", false},
		"an image":                  {PodCause("ImagePullBackOff: Back-off pulling"), "the image cannot be pulled", "pull secrets", true},
		"no room":                   {PodCause("Unschedulable: 0/1 nodes"), "Unschedulable", "nodes", false},
		"a namespace":               {EnvironmentCause(`Namespace "env1" not found`), "its target namespace env1 does not exist", "create_namespace", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(test.cause.Text, test.text) || !strings.Contains(test.cause.Remedy, test.remedy) || test.cause.Lasting != test.lasting {
				t.Errorf("got %+v", test.cause)
			}
		})
	}
}

func TestReadConfiguration(t *testing.T) {
	t.Parallel()
	got, err := ReadConfiguration([]byte(`{"metricsPort": 9000, "kafka": {"brokers": [
	  {"hostname": "a", "port": 9093, "authtype": "sasl", "cacert": "PEM", "sasl": {"username": "u", "password": "p", "saslMechanism": "SCRAM-SHA-512", "securityProtocol": "SASL_SSL"}}, {"hostname": "b", "port": 9093}],
	  "topics": [{"requestedName": "orders", "name": "env-orders"}]}}`))
	want := Configuration{BootstrapServers: "a:9093,b:9093", SecurityProtocol: "SASL_SSL", Mechanism: "SCRAM-SHA-512", Username: "u", Password: "p", CACertificate: "PEM", Topics: map[string]string{"orders": "env-orders"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if _, err := ReadConfiguration([]byte(`{"kafka": {"brokers": "secret`)); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

// TestReadConfigurationThatSaysLittle fills in what the schema leaves to whoever reads it: Clowder's own client for Python
// (app-common-python 0.3.0) makes "b:None" of a broker without a port (findings/clowder-python-client-names-a-port-none.sh).
func TestReadConfigurationThatSaysLittle(t *testing.T) {
	t.Parallel()
	for broker, want := range map[string][2]string{
		`{"hostname": "b"}`:                                                             {"b:9092", "PLAINTEXT"},
		`{"hostname": "b", "port": 0}`:                                                  {"b:9092", "PLAINTEXT"},
		`{"hostname": "b", "cacert": "PEM"}`:                                            {"b:9092", "SSL"},
		`{"hostname": "b", "port": 1, "sasl": {"username":"u"}}`:                        {"b:1", "SASL_PLAINTEXT"},
		`{"hostname": "b", "cacert": "PEM", "sasl": {"saslMechanism":"SCRAM-SHA-512"}}`: {"b:9092", "SASL_SSL"},
		`{"hostname": "fd00::1", "port": 9093}`:                                         {"[fd00::1]:9093", "PLAINTEXT"},
	} {
		got, err := ReadConfiguration([]byte(`{"kafka": {"brokers": [` + broker + `], "topics": []}}`))
		if is := [2]string{got.BootstrapServers, got.SecurityProtocol}; is != want || err != nil {
			t.Errorf("%s is read as %v, %v, want %v", broker, is, err, want)
		}
	}
}
