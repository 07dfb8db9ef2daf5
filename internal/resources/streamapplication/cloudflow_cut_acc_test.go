package streamapplication_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// flowing is a blueprint of a streamlet of each runtime; value is part of what both are told.
func flowing(value string) told {
	ingest := told{"runtime": "akka", "image": "registry.example.com/ingest:1", "entry_class": "com.example.Ingest", "outlets": told{"valid": told{}}, "config": told{"a": value}}
	enrich := told{"image": "registry.example.com/enrich:1", "jar_uri": "local:///opt/flink/usrlib/enrich.jar", "parallelism": 1, "inlets": told{"orders": told{}}, "config": told{"a": value}}
	return told{
		"name": "payments", "streamlets": told{"ingest": ingest, "enrich": enrich}, "timeouts": told{"create": "60s", "update": "60s", "delete": "60s"},
		"topics": told{"orders": told{"producers": []string{"ingest.valid"}, "consumers": []string{"enrich.orders"}, "managed": false}},
	}
}

// TestAccCloudflowCut kills the provider before each of its writing requests, and applies once more.
func TestAccCloudflowCut(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	for name, of := range map[string]cutCase{
		"create":  {to: flowing("1")},
		"change":  {from: flowing("1"), to: flowing("2")},
		"destroy": {from: flowing("1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := cutCloudflow(t, of, 0)
			t.Logf("%d writing requests: %s", len(requests), strings.Join(requests, ", "))
			if of.to != nil && !secretsFirst(requests) {
				t.Error("an entry was written before its Secret")
			}
			for at := 1; at <= len(requests); at++ {
				t.Run(fmt.Sprintf("killed before %d", at), func(t *testing.T) {
					t.Parallel()
					cutCloudflow(t, of, at)
				})
			}
		})
	}
}

// secretsFirst tells whether each entry follows the Secret that it names: the operator gives up without.
func secretsFirst(requests []string) bool {
	secrets := map[string]bool{}
	entries := 0
	for _, request := range requests {
		switch {
		case strings.HasPrefix(request, "PATCH secrets/payments-") && strings.Contains(request, "-config-"):
			secrets[request] = true
		case strings.HasPrefix(request, "PATCH cloudflowapplications/"):
			if entries++; len(secrets) < entries {
				return false
			}
		}
	}
	return entries > 0
}

func cutCloudflow(t *testing.T, of cutCase, at int) []string {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	f := onCloudflow(t)
	settings := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "flink-cloudflow"}, "data": map[string]any{"operator-namespace": f.cloudflow.OperatorNamespace},
	}}
	if _, err := f.cluster.Client.Resource(configMaps).Namespace(f.namespace).Create(t.Context(), settings, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	place := f.onOperator()
	place.where["platform"] = "cloudflow"
	c := newCore(f.fixture, place)
	if of.from != nil {
		if said, _ := c.run(c.within(of.from), 0, cut{}); said != "" {
			t.Fatalf("the first apply: %s", said)
		}
	}
	how := cuts["killed before"]
	if at == 0 {
		how = cut{}
	}
	said, writes := c.run(c.within(of.to), at, how)
	if at == 0 {
		if said != "" {
			t.Fatalf("not cut: %s", said)
		}
	} else {
		again, more := c.run(c.within(of.to), 0, cut{})
		if last := writes[len(writes)-1]; strings.Contains(again, "already") && strings.HasPrefix(last, "PATCH") && slices.Contains(writes[:len(writes)-1], last) {
			// The apply was at its end, and the state alone was missing.
			c.importAll()
			again, more = c.run(c.within(of.to), 0, cut{})
		}
		if again != "" {
			t.Errorf("cut at %s: the next apply, with %v: %s", writes[min(at, len(writes))-1], more, again)
			return writes
		}
	}
	for _, wrong := range append(c.left(of), f.wrong(of)...) {
		t.Errorf("cut at %d of %v: %s", at, writes, wrong)
	}
	return writes
}

// wrong is what is not as it shall be in the end.
func (f *flows) wrong(of cutCase) []string {
	f.Helper()
	var out []string
	var names []string
	list, err := f.cluster.Client.Resource(secrets).Namespace(f.namespace).List(f.Context(), metav1.ListOptions{LabelSelector: "com.lightbend.cloudflow/app-id=payments"})
	if err != nil {
		f.Fatal(err)
	}
	for _, item := range list.Items {
		names = append(names, item.GetName())
		for mark := range item.GetAnnotations() {
			out = append(out, fmt.Sprintf("the Secret %s has the mark %s", item.GetName(), mark))
		}
	}
	if of.to == nil {
		if len(names) > 0 || f.get(acctest.CloudflowApplications, "payments") != nil || f.get(workloads, "payments-ingest") != nil {
			out = append(out, fmt.Sprintf("what stays: the Secrets %v, application %t", names, f.get(acctest.CloudflowApplications, "payments") != nil))
		}
		return out
	}
	want := []string{"config-payments", f.secretOf("enrich"), f.secretOf("ingest")}
	slices.Sort(want)
	if slices.Sort(names); !slices.Equal(names, want) {
		out = append(out, fmt.Sprintf("the Secrets are %v, want %v", names, want))
	}
	return out
}
