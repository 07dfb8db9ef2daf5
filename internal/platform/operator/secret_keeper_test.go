package operator

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestSecretsAreKeptAndDropped(t *testing.T) {
	f := newFake(t)
	d := NewApplications(f, Options{})
	keep := func(ref platform.Ref, name, value string) {
		t.Helper()
		if err := d.KeepSecret(t.Context(), ref, platform.OwnSecret{Name: name, Values: map[string]string{"s3.secret-key": value}}); err != nil {
			t.Fatal(err)
		}
	}
	other := platform.Ref{Namespace: orders.Namespace, Name: "other"}
	f.exists(t, orders)
	f.exists(t, other)
	keep(orders, "orders-secret-configuration-1", "first")
	keep(orders, "orders-secret-configuration-1", "second")
	keep(orders, "orders-secret-configuration-2", "third")
	keep(other, "other-secret-configuration-1", "theirs")

	object, err := f.Get(t.Context(), secretKind, kube.Key{Namespace: orders.Namespace, Name: "orders-secret-configuration-1"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"s3.secret-key": "c2Vjb25k"}, object.Object["data"]); diff != "" {
		t.Error(diff)
	}
	left := func() []string {
		var names []string
		for _, ref := range slices.Collect(maps.Keys(f.objects)) {
			if ref.Kind == secretKind {
				names = append(names, ref.Key.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	if err := d.DropSecrets(t.Context(), orders, "orders-secret-configuration-2"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"orders-secret-configuration-2", "other-secret-configuration-1"}, left()); diff != "" {
		t.Error(diff)
	}
	if err := d.DropSecrets(t.Context(), orders); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"other-secret-configuration-1"}, left()); diff != "" {
		t.Error(diff)
	}
}

func TestASecretOfOthersIsNotTaken(t *testing.T) {
	f := newFake(t)
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret"}}
	object.SetNamespace(orders.Namespace)
	object.SetName("orders-secret-configuration-1")
	f.put(secretKind, object)
	err := NewDeployments(f, Options{}).KeepSecret(t.Context(), orders, firstSecret("b", true))
	var exists *kube.ExistsError
	if !errors.As(err, &exists) {
		t.Errorf("got %v", err)
	}
}

// firstSecret is the first Secret of the deployment of the tests.
func firstSecret(value string, create bool) platform.OwnSecret {
	return platform.OwnSecret{Name: "orders-secret-configuration-1", Values: map[string]string{"a": value}, Create: create}
}

// exists puts a deployment there and returns its uid.
func (f *fake) exists(t *testing.T, ref platform.Ref) string {
	t.Helper()
	want := deployment("flink:1")
	want.Ref = ref
	object, err := objectOf(deploymentKind, want)
	if err != nil {
		t.Fatal(err)
	}
	object, err = f.Apply(t.Context(), deploymentKind, object, kube.ApplyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(object.GetUID())
}

// kept is the value in the first Secret, empty for none.
func (f *fake) kept(t *testing.T) string {
	t.Helper()
	object, err := f.Get(t.Context(), secretKind, kube.Key{Namespace: orders.Namespace, Name: firstSecret("", false).Name})
	if isAbsent(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := unstructured.NestedString(object.Object, "data", "a")
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

// Two states may have a deployment of one name, of which one is refused. The
// Secret is that of the deployment that exists, in whatever form.
func TestACreateDoesNotTakeTheSecretOfAnotherState(t *testing.T) {
	for name, of := range map[string]platform.Ref{"in one object": orders, "in colors": {Namespace: orders.Namespace, Name: "orders-blue"}} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := NewApplications(f, Options{})
			if err := d.KeepSecret(t.Context(), orders, firstSecret("first", true)); err != nil {
				t.Fatal(err)
			}
			f.exists(t, of)
			if of != orders {
				object := f.objects[kube.Ref{Kind: deploymentKind, Key: keyOf(of)}]
				object.SetLabels(map[string]string{deploymentLabel: orders.Name})
			}
			f.killed()
			var exists *kube.ExistsError
			if err := d.KeepSecret(t.Context(), orders, firstSecret("second", true)); !errors.As(err, &exists) || f.kept(t) != "first" {
				t.Errorf("another create got %v, and the Secret has %q", err, f.kept(t))
			}
			if err := d.KeepSecret(t.Context(), orders, firstSecret("first", true)); err != nil {
				t.Errorf("the same create, once more, got %v", err)
			}
			if err := d.DiscardSecret(t.Context(), orders, firstSecret("", true).Name, errors.New("denied")); err != nil || f.kept(t) != "first" {
				t.Errorf("the failure of another create left %q: %v", f.kept(t), err)
			}
			if err := d.KeepSecret(t.Context(), orders, firstSecret("second", false)); err != nil || f.kept(t) != "second" {
				t.Errorf("an update left %q: %v", f.kept(t), err)
			}
		})
	}
}

// A create that was killed before there was a deployment has left values that
// nobody uses: the next create has others.
func TestACreateTakesTheSecretThatAKilledOneHasLeft(t *testing.T) {
	f := newFake(t)
	for name, d := range map[string]platform.SecretKeeper{"application": NewApplications(f, Options{}), "session cluster": NewSessionClusters(f, Options{})} {
		for _, value := range []string{"wrong", "right"} {
			if err := d.KeepSecret(t.Context(), orders, firstSecret(value, true)); err != nil || f.kept(t) != value {
				t.Errorf("%s: the Secret has %q: %v", name, f.kept(t), err)
			}
			f.killed()
		}
	}
}

// A create that failed takes its Secret with it, and only its own.
func TestACreateThatFailedLeavesNoSecret(t *testing.T) {
	f := newFake(t)
	d := NewApplications(f, Options{})
	if err := d.KeepSecret(t.Context(), orders, firstSecret("first", true)); err != nil {
		t.Fatal(err)
	}
	var begun *platform.BegunError
	if err := d.KeepSecret(t.Context(), orders, firstSecret("twin", true)); !errors.As(err, &begun) || f.kept(t) != "first" {
		t.Errorf("another resource of the apply got %v, and the Secret has %q", err, f.kept(t))
	}
	if err := d.DiscardSecret(t.Context(), orders, firstSecret("", true).Name, errors.New("denied")); err != nil || f.kept(t) != "" {
		t.Errorf("the Secret has %q: %v", f.kept(t), err)
	}
	if err := d.KeepSecret(t.Context(), orders, firstSecret("again", true)); err != nil || f.kept(t) != "again" {
		t.Errorf("the next create left %q: %v", f.kept(t), err)
	}
	f.killed()
	if err := d.DiscardSecret(t.Context(), orders, firstSecret("", true).Name, errors.New("denied")); err != nil || f.kept(t) != "again" {
		t.Errorf("a create that has written nothing left %q: %v", f.kept(t), err)
	}
}

// A deployment of that name may have no values of the provider's, or be the one of
// the create, whose answer was lost.
func TestACreateThatWasRefusedTakesItsNewSecretWithIt(t *testing.T) {
	for _, test := range []struct {
		name   string
		failed error
		left   string
	}{
		{"refused by another deployment", fmt.Errorf("no: %w", &kube.ExistsError{}), ""},
		{"no answer", errors.New("no answer"), "first"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			d := NewApplications(f, Options{})
			f.exists(t, orders)
			if err := d.KeepSecret(t.Context(), orders, firstSecret("first", true)); err != nil {
				t.Fatal(err)
			}
			if err := d.DiscardSecret(t.Context(), orders, firstSecret("", true).Name, test.failed); err != nil || f.kept(t) != test.left {
				t.Errorf("the Secret has %q: %v", f.kept(t), err)
			}
		})
	}
}

// A saved plan may be older than the deployment of its name.
func TestAnUpdateDoesNotTakeTheSecretOfAnotherDeployment(t *testing.T) {
	f := newFake(t)
	for name, d := range map[string]platform.SecretKeeper{"application": NewApplications(f, Options{}), "session cluster": NewSessionClusters(f, Options{})} {
		uid := f.exists(t, orders)
		own := firstSecret("first", false)
		if own.UID = uid; d.KeepSecret(t.Context(), orders, own) != nil || f.kept(t) != "first" {
			t.Errorf("%s: an update left %q", name, f.kept(t))
		}
		planned := firstSecret("second", false)
		planned.UID = "uid-0"
		var other *platform.OtherObjectError
		if err := d.KeepSecret(t.Context(), orders, planned); !errors.As(err, &other) || f.kept(t) != "first" {
			t.Errorf("%s: got %v, and the Secret has %q", name, err, f.kept(t))
		}
	}
	var absent *platform.NotFoundError
	gone := platform.Ref{Namespace: orders.Namespace, Name: "gone"}
	if err := NewApplications(f, Options{}).KeepSecret(t.Context(), gone, firstSecret("third", false)); !errors.As(err, &absent) {
		t.Errorf("of a deployment that is gone: %v", err)
	}
}
