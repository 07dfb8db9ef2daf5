package flink_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestUnknownFields(t *testing.T) {
	for wire, want := range map[string][]string{
		`{"image":"a","flinkConfiguration":{"a":{"b":1},"c":[1,2]},"restartNonce":3,"jobManager":{"replicas":1,"resource":{"cpu":1,"memory":"1g"}}}`: nil,
		`{"job":{"jarURI":"a","savepointTriggerNonce":0,"checkpointTriggerNonce":1,"autoscalerResetNonce":2,"args":[]}}`:                             {"job.autoscalerResetNonce", "job.checkpointTriggerNonce", "job.savepointTriggerNonce"},
		`{"taskManager":{"resources":{"requests":{"cpu":1},"claims":[{"name":"gpu"}]}}}`:                                                             {"taskManager.resources.claims"},
		`{"taskManager":{"resources":{"claims":[]},"podTemplate":{"spec":{"future":1}}},"job":null}`:                                                 nil,
		`{"ingress":{"template":"a","tls":[{"hosts":["a"]},{"hosts":["b"],"secretName":"s","future":1}]},"future":{"a":{"b":1}}}`:                    {"future", "ingress.tls.1.future"},
	} {
		paths, err := flink.UnknownFields(decoded(t, []byte(wire)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, path := range paths {
			got = append(got, strings.Join(path, "."))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", wire, diff)
		}
	}
	if _, err := flink.UnknownFields(flink.Tree{"job": 1}); err == nil {
		t.Error("no specification is read")
	}
}
