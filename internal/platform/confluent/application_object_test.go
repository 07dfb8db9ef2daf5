package confluent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func applicationFrom(t *testing.T, text string) object[tree, tree] {
	t.Helper()
	var a object[tree, tree]
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// An application that this provider has written comes back as the object that was
// sent, with what it owns; what others have said since is theirs.
func TestAnApplicationComesBack(t *testing.T) {
	sent := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders","uid":"u-1","labels":{"a":"b"},"annotations":{"note":"x"}},"spec":{"image":"i","job":{"parallelism":2}}}`))
	sent.SetGeneration(3)
	sent.SetManagedFields([]metav1.ManagedFieldsEntry{entryOf(kube.FieldManager, sent, fieldsOf(sent))})
	written := applicationOf(sent)
	written.Metadata.UID = "u-1"
	written.Metadata.Labels["others"] = "c"
	text, err := json.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	back := objectOf("prod", applicationFrom(t, string(text)))
	if back.GetUID() != "u-1" || back.GetGeneration() != 3 || !kube.HasManager(back) {
		t.Errorf("it came back as %s of generation %d, with the managers %v", back.GetUID(), back.GetGeneration(), kube.Managers(back))
	}
	if diff := cmp.Diff(sent.Object["spec"], back.Object["spec"]); diff != "" {
		t.Errorf("the specification (-sent +back):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"note": "x"}, back.GetAnnotations()); diff != "" {
		t.Errorf("the annotations (-want +got):\n%s", diff)
	}
	owned := kube.OwnedFields(back, kube.FieldManager)
	if !kube.Owns(owned, "spec", "job", "parallelism") || !kube.Owns(owned, "metadata", "labels", "a") || kube.Owns(owned, "metadata", "labels", "others") {
		t.Errorf("the provider owns %s", owned)
	}
}

// What is wanted takes the place of what was owned, and leaves what others have said.
func TestAppliedLeavesWhatIsOthers(t *testing.T) {
	object := func(text string) *unstructured.Unstructured { return objectOf("prod", applicationFrom(t, text)) }
	was := object(`{"metadata":{"name":"orders","labels":{"a":"1","gone":"1"}},"spec":{"image":"1","flinkConfiguration":{"k":"1","gone":"1"},"podTemplate":{"spec":{"nodeSelector":{"x":"y"}}},"job":{"args":["a"]}}}`)
	live := object(`{"metadata":{"name":"orders","labels":{"a":"1","gone":"1","theirs":"1"},"annotations":{"theirs":"1"}},
		"spec":{"image":"1","flinkConfiguration":{"k":"2","gone":"1","theirs":"1"},"podTemplate":{"spec":{"nodeSelector":{"x":"y"}}},"job":{"args":["a"],"savepointTriggerNonce":7}}}`)
	want := object(`{"metadata":{"name":"orders","labels":{"a":"2"}},"spec":{"image":"2","flinkConfiguration":{"k":"3"},"job":{"args":["b","c"]}}}`)
	got := applied(live, want, fieldsOf(was))
	expected := object(`{"metadata":{"name":"orders","labels":{"a":"2","theirs":"1"},"annotations":{"theirs":"1"}},
		"spec":{"image":"2","flinkConfiguration":{"k":"3","theirs":"1"},"job":{"args":["b","c"],"savepointTriggerNonce":7}}}`)
	for _, part := range []string{"spec", "metadata"} {
		strip := func(o *unstructured.Unstructured) any {
			o = o.DeepCopy()
			o.SetManagedFields(nil)
			return o.Object[part]
		}
		if diff := cmp.Diff(strip(expected), strip(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
	}
	if left := applied(live, object(`{"metadata":{"name":"orders"},"spec":{"image":"2"}}`), fieldsOf(live)); left.GetLabels() != nil || len(left.GetAnnotations()) != 0 {
		t.Errorf("what was owned stays: %v", left.Object)
	}
}

// What the operator has not taken up yet is told from what runs by the generation
// that was written. A change that makes no other generation is not waited for.
func TestWhatIsWrittenIsNotTakenUpYet(t *testing.T) {
	const runs = `{\"spec\":{\"image\":\"a\",\"flinkConfiguration\":{\"of the environment\":\"x\"},\"job\":{\"state\":\"running\",\"parallelism\":2,\"upgradeMode\":\"stateless\"}}}`
	now, before := time.Now(), time.Now().Add(-time.Minute)
	for name, test := range map[string]struct {
		written string
		spec    string
		want    int64
	}{
		"nothing was written":            {"", `{"image":"a"}`, 4},
		"the operator has seen it":       {generation{4, now}.String(), `{"image":"a"}`, 4},
		"it has not":                     {generation{5, now}.String(), `{"image":"b"}`, 5},
		"it has not for a while":         {generation{5, before}.String(), `{"image":"b"}`, 5},
		"the environment wins over it":   {generation{5, before}.String(), `{"image":"a","job":{"parallelism":2.0}}`, 4},
		"it started without state":       {generation{5, before}.String(), `{"image":"a","job":{"parallelism":2,"upgradeMode":"savepoint"}}`, 4},
		"nobody knows that yet":          {generation{5, now}.String(), `{"image":"a"}`, 5},
		"others have written more since": {generation{2, before}.String(), `{"image":"b"}`, 4},
	} {
		t.Run(name, func(t *testing.T) {
			annotations, err := json.Marshal(map[string]string{generationAnnotation: test.written})
			if err != nil {
				t.Fatal(err)
			}
			object := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders","annotations":`+string(annotations)+`},"spec":`+test.spec+`,
				"status":{"observedGeneration":4,"lifecycleState":"STABLE","jobManagerDeploymentStatus":"READY","jobStatus":{"jobId":"1","state":"RUNNING"},
				"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"`+runs+`","lastStableSpec":"`+runs+`"}}}`))
			if got := object.GetGeneration(); got != test.want {
				t.Errorf("the generation is %d, want %d", got, test.want)
			}
		})
	}
}

// The answers that the vendor's command line tool is tested with have empty texts of
// what the operator has taken up. A job counts as one that has run.
func TestStatusWithoutTexts(t *testing.T) {
	for id, ran := range map[string]bool{"1": true, "": false} {
		object := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":{"job":{"state":"running","upgradeMode":"savepoint"}},
			"status":{"observedGeneration":4,"lifecycleState":"DEPLOYED","jobManagerDeploymentStatus":"READY","jobStatus":{"jobId":"`+id+`","state":"RESTARTING"},
			"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"","lastStableSpec":""}}}`))
		if status := fko.StatusOf(object); !status.Deployed || status.EverRan != ran {
			t.Errorf("of a job %q the status is %+v", id, status)
		}
	}
	never := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":{},"status":{"reconciliationStatus":{"lastReconciledSpec":""}}}`))
	if fko.StatusOf(never).Deployed {
		t.Error("what was never deployed counts as deployed")
	}
}

// One that is on its way out takes no change, and one of which the server tells
// nothing else is the one of its name.
func TestIdentityOfAnApplication(t *testing.T) {
	leaving := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders","creationTimestamp":"2026-01-02T03:04:05.678"},"spec":{},"status":{"lifecycleState":"DELETING"}}`))
	if leaving.GetDeletionTimestamp() == nil || leaving.GetUID() != "2026-01-02T03:04:05.678" || leaving.GetCreationTimestamp().Year() != 2026 {
		t.Errorf("it is %v", leaving.Object["metadata"])
	}
	bare := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":{}}`))
	if bare.GetDeletionTimestamp() != nil || bare.GetUID() != "orders" {
		t.Errorf("it is %v", bare.Object["metadata"])
	}
}
