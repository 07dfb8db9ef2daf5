package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// prod is the environment of the tests.
var prod = platform.Environment{Namespace: "prod", CreateNamespace: true, ServiceAccount: "flink", Labels: map[string]string{"team": "a"}}

// adopted is the same in a namespace that others made.
var adopted = platform.Environment{Namespace: "prod", ServiceAccount: "flink"}

// withNamespace is a cluster with a namespace of somebody else.
func withNamespace(t *testing.T) *fake {
	t.Helper()
	f := newFake(t)
	namespace := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "prod", "uid": "theirs"}}}
	namespace.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: "kubectl-create"}})
	f.put(namespaceKind, namespace)
	return f
}

func object(name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"namespace": "prod", "name": name}, "spec": spec}}
}

func TestAnEnvironmentIsMadeAndRead(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	made, err := e.Apply(t.Context(), prod, nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := e.Read(t.Context(), prod)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, read); diff != "" || made.NamespaceUID == "" {
		t.Errorf("made %+v, read %+v", made, read)
	}
	namespace, _ := f.Get(t.Context(), namespaceKind, kube.Key{Name: "prod"})
	if namespace.GetLabels()["team"] != "a" || len(namespace.GetAnnotations()) != 0 {
		t.Errorf("the namespace has labels %v and annotations %v", namespace.GetLabels(), namespace.GetAnnotations())
	}
	for _, kind := range []kube.Kind{serviceAccountKind, roleKind, roleBindingKind} {
		live, err := f.Get(t.Context(), kind, kube.Key{Namespace: "prod", Name: "flink"})
		if err != nil {
			t.Fatal(err)
		}
		if labels := live.GetLabels(); labels["team"] != "a" || labels[managedByLabel] != kube.FieldManager {
			t.Errorf("%s has labels %v", kind.Kind, labels)
		}
	}
	binding, _ := f.Get(t.Context(), roleBindingKind, kube.Key{Namespace: "prod", Name: "flink"})
	want := []any{map[string]any{"kind": "ServiceAccount", "name": "flink", "namespace": "prod"}}
	if diff := cmp.Diff(want, binding.Object["subjects"]); diff != "" {
		t.Errorf("the binding is for (-want +got):\n%s", diff)
	}
}

func TestReadTellsWhatIsMissing(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	var absent *platform.NotFoundError
	if _, err := e.Read(t.Context(), prod); !errors.As(err, &absent) {
		t.Errorf("without the namespace the read returned %v", err)
	}
	if _, err := e.Apply(t.Context(), prod, nil); err != nil {
		t.Fatal(err)
	}
	delete(f.objects, kube.Ref{Kind: serviceAccountKind, Key: kube.Key{Namespace: "prod", Name: "flink"}})
	role := f.objects[kube.Ref{Kind: roleKind, Key: kube.Key{Namespace: "prod", Name: "flink"}}]
	role.Object["rules"] = []any{}
	read, err := e.Read(t.Context(), prod)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"service account flink", "rules of role flink"}, read.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if _, err := e.Apply(t.Context(), prod, &prod); err != nil {
		t.Fatal(err)
	}
	if read, _ = e.Read(t.Context(), prod); len(read.Missing) != 0 {
		t.Errorf("after the repair %v is missing", read.Missing)
	}
	t.Run("a namespace of others is not ours", func(t *testing.T) {
		read, err := NewEnvironments(withNamespace(t), Options{}).Read(t.Context(), platform.Environment{Namespace: "prod", CreateNamespace: true})
		if err != nil || read.NamespaceUID != "" {
			t.Errorf("read %+v, %v", read, err)
		}
	})
}

func TestANamespaceIsAdoptedOnlyWhenThatIsSaid(t *testing.T) {
	f := withNamespace(t)
	var exists *kube.ExistsError
	if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), prod, nil); !errors.As(err, &exists) {
		t.Errorf("the create over a namespace returned %v", err)
	}
	made, err := NewEnvironments(f, Options{}).Apply(t.Context(), adopted, nil)
	if err != nil || made.NamespaceUID != "" {
		t.Errorf("the adoption returned %+v, %v", made, err)
	}
	namespace, _ := f.Get(t.Context(), namespaceKind, kube.Key{Name: "prod"})
	if kube.HasManager(namespace) {
		t.Error("the namespace of others was written")
	}
	var missing *kube.NamespaceNotFoundError
	if _, err := NewEnvironments(newFake(t), Options{}).Apply(t.Context(), adopted, nil); !errors.As(err, &missing) {
		t.Errorf("the adoption of nothing returned %v", err)
	}
}

// What an environment has is in the state also when a part of it failed, so
// nobody else goes on with it.
func TestAFailedCreateOfAnEnvironmentEnds(t *testing.T) {
	f := newFake(t)
	f.fail = func(call string) error {
		if call == "apply Role prod/flink" {
			return context.Canceled
		}
		return nil
	}
	first, err := NewEnvironments(f, Options{}).Apply(t.Context(), prod, nil)
	if err == nil || first == nil || first.NamespaceUID == "" {
		t.Fatalf("a create that broke off returned %+v, %v", first, err)
	}
	f.fail = nil
	f.killed()
	var exists *kube.ExistsError
	if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), prod, nil); !errors.As(err, &exists) {
		t.Errorf("the next create returned %v", err)
	}
}

func TestAServiceAccountOfOthersIsNotTaken(t *testing.T) {
	f := withNamespace(t)
	account := object("flink", nil)
	account.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: "helm"}})
	f.put(serviceAccountKind, account)
	var exists *kube.ExistsError
	if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), adopted, nil); !errors.As(err, &exists) {
		t.Errorf("returned %v", err)
	}
	if err := NewEnvironments(f, Options{}).Delete(t.Context(), adopted); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(t.Context(), serviceAccountKind, kube.Key{Namespace: "prod", Name: "flink"}); err != nil {
		t.Error("the service account of others was deleted")
	}
}

// TestAnObjectThatTakesThePlaceOfAnAccessIsNotWritten has somebody replace the
// role between the look at it and the write.
func TestAnObjectThatTakesThePlaceOfAnAccessIsNotWritten(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	created, err := e.Apply(t.Context(), prod, nil)
	if err != nil {
		t.Fatal(err)
	}
	previous, want := prod, prod
	previous.NamespaceUID = created.NamespaceUID
	want.Labels = map[string]string{"team": "b"}
	role := kube.Ref{Kind: roleKind, Key: kube.Key{Namespace: want.Namespace, Name: want.ServiceAccount}}
	f.fail = func(call string) error {
		if call == "apply Role prod/flink" {
			other := f.objects[role].DeepCopy()
			other.SetUID("another")
			f.objects[role] = other
		}
		return nil
	}
	if _, err := e.Apply(t.Context(), want, &previous); !isAbsent(err) {
		t.Errorf("the update ended with %v", err)
	}
	live, err := f.Get(t.Context(), role.Kind, role.Key)
	if err != nil || live.GetLabels()["team"] != "a" {
		t.Errorf("the other role has the labels %v, %v", live.GetLabels(), err)
	}
}

func TestAnotherServiceAccountReplacesTheFormer(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	if _, err := e.Apply(t.Context(), prod, nil); err != nil {
		t.Fatal(err)
	}
	f.put(serviceAccountKind, object("default", nil))
	changed := prod
	changed.ServiceAccount = "jobs"
	if _, err := e.Apply(t.Context(), changed, &prod); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []kube.Kind{serviceAccountKind, roleKind, roleBindingKind} {
		if _, err := f.Get(t.Context(), kind, kube.Key{Namespace: "prod", Name: "flink"}); !isAbsent(err) {
			t.Errorf("the former %s: %v", kind.Kind, err)
		}
		if _, err := f.Get(t.Context(), kind, kube.Key{Namespace: "prod", Name: "jobs"}); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Get(t.Context(), serviceAccountKind, kube.Key{Namespace: "prod", Name: "default"}); err != nil {
		t.Error("the namespace's default service account was deleted")
	}
}

func TestAnEnvironmentInUseStays(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	if _, err := e.Apply(t.Context(), prod, nil); err != nil {
		t.Fatal(err)
	}
	f.put(deploymentKind, object("orders", nil))
	f.put(sessionJobKind, object("counter", nil))
	snapshot := func(name, state string, dispose any) {
		o := object(name, map[string]any{"savepoint": map[string]any{"disposeOnDelete": dispose}})
		o.Object["status"] = map[string]any{"state": state}
		f.put(snapshotKind, o)
	}
	snapshot("disposes", "COMPLETED", true)
	snapshot("orders-savepoint-upgrade-1", "COMPLETED", false)
	snapshot("abandoned", "ABANDONED", true)
	f.fail = func(call string) error {
		if strings.HasPrefix(call, "list FlinkBlueGreenDeployment") {
			return &kube.NotServedError{Kind: blueGreenKind}
		}
		return nil
	}
	err := e.Delete(t.Context(), prod)
	var used *platform.InUseError
	if !errors.As(err, &used) {
		t.Fatalf("the delete returned %v", err)
	}
	want := []string{"FlinkDeployment orders", "FlinkSessionJob counter", "FlinkStateSnapshot disposes"}
	if diff := cmp.Diff(want, used.Resources); diff != "" {
		t.Errorf("in use by (-want +got):\n%s", diff)
	}
	if f.count("delete") != 0 {
		t.Errorf("the calls were %v", f.calls)
	}
}

func TestDeletingAnEnvironmentWaitsForItsNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		e := NewEnvironments(f, Options{})
		if _, err := e.Apply(t.Context(), prod, nil); err != nil {
			t.Fatal(err)
		}
		ref := kube.Ref{Kind: namespaceKind, Key: kube.Key{Name: "prod"}}
		f.objects[ref].SetFinalizers([]string{"kubernetes"})
		time.AfterFunc(10*time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.objects, ref)
			f.tell(ref, kube.Change{Deleted: true})
		})
		began := time.Now()
		if err := e.Delete(t.Context(), prod); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
	})
	t.Run("and explains one that stays", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			e := NewEnvironments(f, Options{})
			if _, err := e.Apply(t.Context(), prod, nil); err != nil {
				t.Fatal(err)
			}
			live := f.objects[kube.Ref{Kind: namespaceKind, Key: kube.Key{Name: "prod"}}]
			live.SetFinalizers([]string{"kubernetes"})
			live.Object["status"] = map[string]any{"conditions": []any{
				map[string]any{"type": "NamespaceFinalizersRemaining", "status": "True", "message": "flinkstatesnapshots has finalizers"},
				map[string]any{"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "all discovered"},
			}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			failed := failure(t, e.Delete(ctx, prod))
			mentions(t, failed.Detail, "NamespaceFinalizersRemaining: flinkstatesnapshots has finalizers")
			if strings.Contains(failed.Detail, "all discovered") {
				t.Errorf("a condition that is not met is told:\n%s", failed.Detail)
			}
		})
	})
}

func TestDeletingAnAdoptedEnvironmentKeepsTheNamespace(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	if _, err := e.Apply(t.Context(), adopted, nil); err != nil {
		t.Fatal(err)
	}
	if err := e.Delete(t.Context(), adopted); err != nil {
		t.Fatal(err)
	}
	if len(f.objects) != 1 {
		t.Errorf("%d objects are left, want the namespace alone", len(f.objects))
	}
	t.Run("and asks nothing when there is nothing to delete", func(t *testing.T) {
		f := withNamespace(t)
		f.put(deploymentKind, object("orders", nil))
		if err := NewEnvironments(f, Options{}).Delete(t.Context(), platform.Environment{Namespace: "prod"}); err != nil {
			t.Error(err)
		}
	})
}

func TestAnEditedLabelIsMissing(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	want := prod
	want.Labels = map[string]string{"team": "a", "zone": "x"}
	if _, err := e.Apply(t.Context(), want, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := f.MergePatch(t.Context(), namespaceKind, kube.Key{Name: "prod"}, kube.Patch{}.Set("b", "metadata", "labels", "team").Set("theirs", "metadata", "labels", "owner")); err != nil {
		t.Fatal(err)
	}
	read, err := e.Read(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"label team=a of namespace prod"}, read.Missing); diff != "" {
		t.Error(diff)
	}
}

// What kubectl has edited is put back, and what somebody means to manage is not.
func TestAnEnvironmentForcesOnlyWhatItMay(t *testing.T) {
	for manager, wantForced := range map[string]bool{"kubectl-label": true, "kubectl-edit": true, "argocd-controller": false} {
		t.Run(manager, func(t *testing.T) {
			f := newFake(t)
			e := NewEnvironments(f, Options{})
			if _, err := e.Apply(t.Context(), prod, nil); err != nil {
				t.Fatal(err)
			}
			for _, object := range f.objects {
				object.SetManagedFields(append(object.GetManagedFields(), metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate}))
			}
			f.options = nil
			f.fail = func(call string) error {
				if (call == "apply Namespace prod" || call == "apply Role prod/flink") && !f.options[len(f.options)-1].Force {
					return &kube.ConflictError{Fields: []kube.FieldConflict{{Path: ".metadata.labels.team", Manager: manager}}}
				}
				return nil
			}
			_, err := e.Apply(t.Context(), prod, &prod)
			var conflict *kube.ConflictError
			if errors.As(err, &conflict) == wantForced {
				t.Errorf("returned %v", err)
			}
		})
	}
}

// A namespace stays the environment's own when somebody has changed all that the
// provider has written to it, and one that took its place never is.
func TestTheNamespaceIsKnownByItsUID(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	made, err := e.Apply(t.Context(), prod, nil)
	if err != nil {
		t.Fatal(err)
	}
	known := prod
	known.NamespaceUID = made.NamespaceUID
	namespace := f.objects[kube.Ref{Kind: namespaceKind, Key: kube.Key{Name: "prod"}}]
	namespace.SetLabels(nil)
	namespace.SetManagedFields(nil)
	read, err := e.Read(t.Context(), known)
	if err != nil || read.NamespaceUID != made.NamespaceUID {
		t.Fatalf("read %+v, %v", read, err)
	}
	if diff := cmp.Diff([]string{"label team=a of namespace prod"}, read.Missing); diff != "" {
		t.Error(diff)
	}
	f.put(deploymentKind, object("orders", nil))
	var used *platform.InUseError
	if err := e.Delete(t.Context(), known); !errors.As(err, &used) {
		t.Errorf("the delete of one in use returned %v", err)
	}
	known.NamespaceUID = "the one before"
	if read, err := e.Read(t.Context(), known); err != nil || read.NamespaceUID != "" {
		t.Errorf("another namespace was read as %+v, %v", read, err)
	}
	before := len(f.written())
	if err := e.Delete(t.Context(), known); err != nil || len(f.written()) != before {
		t.Errorf("the delete returned %v, and wrote %q", err, f.written()[before:])
	}
}

// A namespace that somebody has deleted and created again is not the
// environment's: nothing of it is written.
func TestAnUpdateWritesToNoOtherNamespace(t *testing.T) {
	f := newFake(t)
	e := NewEnvironments(f, Options{})
	made, err := e.Apply(t.Context(), prod, nil)
	if err != nil {
		t.Fatal(err)
	}
	previous, changed := prod, prod
	previous.NamespaceUID, changed.Labels = made.NamespaceUID, map[string]string{"team": "b"}
	if _, err := e.Apply(t.Context(), changed, &previous); err != nil {
		t.Fatal(err)
	}
	namespace, _ := f.Get(t.Context(), namespaceKind, kube.Key{Name: "prod"})
	namespace.SetUID("another")
	f.put(namespaceKind, namespace)
	before := len(f.written())
	_, err = e.Apply(t.Context(), prod, &previous)
	var other *platform.OtherObjectError
	if !errors.As(err, &other) || other.UID != "another" || other.Planned != made.NamespaceUID {
		t.Errorf("returned %v", err)
	}
	if calls := f.written()[before:]; len(calls) > 0 {
		t.Errorf("wrote %q", calls)
	}
}
