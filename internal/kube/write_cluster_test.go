package kube_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func spec(obj *unstructured.Unstructured) any { return obj.Object["spec"] }

func TestCreateRefusesToAdopt(t *testing.T) {
	e := setUp(t)
	e.as(t, "helm", e.gauge(t, "foreign", "{size: 1}"))
	for _, test := range []struct {
		name string
		ours bool
		want []string
	}{{"foreign", false, []string{"helm"}}, {"first", true, []string{kube.FieldManager}}} {
		_, err := e.client.Create(e.ctx, gauges, e.gauge(t, test.name, "{size: 2}"))
		var exists *kube.ExistsError
		if !errors.As(err, &exists) {
			t.Fatalf("%s: got %T %v", test.name, err, err)
		}
		if diff := cmp.Diff(test.want, exists.Managers); diff != "" || exists.Ours() != test.ours || kube.HasManager(exists.Object) != test.ours {
			t.Errorf("%s: ours %v, managers %s", test.name, exists.Ours(), diff)
		}
	}
	found, err := e.client.Get(e.ctx, gauges, e.key("foreign"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"size": int64(1)}, spec(found)); diff != "" {
		t.Error(diff)
	}
}

// The calls come from clients of their own, as from two processes.
func TestOfManyCreationsAtOnceOneSucceeds(t *testing.T) {
	e := setUp(t)
	const callers = 8
	outcomes := make(chan error)
	for i := range callers {
		client := e.connect(t, nil)
		go func() {
			_, err := client.Create(e.ctx, gauges, e.gauge(t, "one", fmt.Sprintf("{size: %d}", i)))
			outcomes <- err
		}()
	}
	created := 0
	for range callers {
		err := <-outcomes
		var exists *kube.ExistsError
		if err == nil {
			created++
		} else if !errors.As(err, &exists) || !exists.Ours() {
			t.Errorf("got %T %v", err, err)
		}
	}
	found, err := e.client.Get(e.ctx, gauges, e.key("one"))
	if err != nil {
		t.Fatal(err)
	}
	if created != 1 || found.GetGeneration() != 1 {
		t.Errorf("%d calls have created the object, which has generation %d", created, found.GetGeneration())
	}
}

// One request creates, and two say what is there.
func TestCreateNeedsOneRequest(t *testing.T) {
	e := setUp(t)
	for _, test := range []struct {
		name string
		want map[string]int
	}{
		{"alone", map[string]int{"apply gauges": 1}},
		{"first", map[string]int{"apply gauges": 1, "get gauges": 1}},
	} {
		client := e.connect(t, nil)
		_, _ = client.Create(e.ctx, gauges, e.gauge(t, test.name, "{size: 1}"))
		if diff := cmp.Diff(test.want, client.Requests()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestApplyOwnsWhatItSends(t *testing.T) {
	e := setUp(t)
	apply := func(spec string, o kube.ApplyOptions) (*unstructured.Unstructured, error) {
		return e.client.Apply(e.ctx, gauges, e.gauge(t, "first", spec), o)
	}
	if _, err := apply("{size: 1, mode: native, settings: {a: x}}", kube.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	e.as(t, "kubectl-edit", e.gauge(t, "first", "{size: 5, settings: {b: why}}"))

	_, err := apply("{size: 2, settings: {a: x}}", kube.ApplyOptions{})
	var conflict *kube.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %T %v", err, err)
	}
	if diff := cmp.Diff([]kube.FieldConflict{{Path: ".spec.size", Manager: "kubectl-edit"}}, conflict.Fields); diff != "" {
		t.Error(diff)
	}

	want := map[string]any{"size": int64(2), "settings": map[string]any{"a": "x", "b": "why"}}
	dry, err := apply("{size: 2, settings: {a: x}}", kube.ApplyOptions{Force: true, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, spec(dry)); diff != "" {
		t.Errorf("dry run: %s", diff)
	}
	if stored, err := e.client.Get(e.ctx, gauges, e.key("first")); err != nil || cmp.Equal(want, spec(stored)) {
		t.Errorf("the dry run has changed the object, or %v", err)
	}
	forced, err := apply("{size: 2, settings: {a: x}}", kube.ApplyOptions{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, spec(forced)); diff != "" {
		t.Errorf("what is left out must go, what is another's must stay: %s", diff)
	}

	owned := kube.OwnedFields(forced, kube.FieldManager)
	for path, want := range map[string]bool{"spec.size": true, "spec.settings.a": true, "spec.settings": true, "spec.settings.b": false, "spec.mode": false} {
		if got := kube.Owns(owned, strings.Split(path, ".")...); got != want {
			t.Errorf("owning %s is %v", path, got)
		}
	}
}

func TestTakeOverLetsLeftOutFieldsGo(t *testing.T) {
	e := setUp(t)
	resource := e.cluster.Client.Resource(gauges.GroupVersionResource).Namespace(e.namespace)
	former := e.gauge(t, "former", "{size: 1, mode: native}")
	former.SetAPIVersion("kube-test.example.com/v1")
	former.SetKind("Gauge")
	if _, err := resource.Create(e.ctx, former, metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"}); err != nil {
		t.Fatal(err)
	}
	// The same manager has both written and applied, as kubectl users do.
	e.as(t, "kubectl-client-side-apply", e.gauge(t, "former", "{settings: {a: x, b: why}}"))
	e.as(t, "autoscaler", e.gauge(t, "former", "{settings: {c: z}}"))

	got, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "former", "{settings: {a: x}}"), kube.ApplyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"size": int64(1), "mode": "native", "settings": map[string]any{"a": "x", "b": "why", "c": "z"}}, spec(got)); diff != "" {
		t.Errorf("without taking over: %s", diff)
	}
	got, err = e.client.Apply(e.ctx, gauges, e.gauge(t, "former", "{settings: {a: x}}"), kube.ApplyOptions{TakeOver: []string{"kubectl-client-side-apply", "absent"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"settings": map[string]any{"a": "x", "c": "z"}}, spec(got)); diff != "" {
		t.Errorf("after taking over: %s", diff)
	}
	if diff := cmp.Diff([]string{"autoscaler", kube.FieldManager}, kube.Managers(got)); diff != "" {
		t.Error(diff)
	}
	if _, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "fresh", "{size: 1}"), kube.ApplyOptions{TakeOver: []string{"kubectl"}}); err != nil {
		t.Errorf("taking over what is not there: %v", err)
	}
}

func TestTheServerRejectsWithPaths(t *testing.T) {
	e := setUp(t)
	for _, test := range []struct {
		name string
		do   func() error
		want []kube.Cause // only the beginning of a message
	}{
		{"applied field that the schema does not have", func() error {
			_, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "first", "{sise: 1}"), kube.ApplyOptions{})
			return err
		}, []kube.Cause{{Field: "spec.sise", Type: kube.CauseUnknownField, Message: "field not declared"}}},
		{"patched field that the schema does not have", func() error {
			_, err := e.client.MergePatch(e.ctx, gauges, e.key("first"), kube.Patch{}.Set(1, "spec", "sise"))
			return err
		}, []kube.Cause{{Field: "spec.sise", Type: kube.CauseUnknownField}}},
		{"type", func() error {
			_, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "first", "{size: one}"), kube.ApplyOptions{})
			return err
		}, []kube.Cause{{Field: "spec.size", Type: "FieldValueInvalid", Message: "expected numeric"}}},
		{"enumeration", func() error {
			_, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "first", "{mode: nativ}"), kube.ApplyOptions{})
			return err
		}, []kube.Cause{{Field: "spec.mode", Type: "FieldValueNotSupported", Message: `Unsupported value: "nativ"`}}},
		{"field of a built-in kind", func() error {
			_, err := e.client.Apply(e.ctx, configMaps, object(t, "{metadata: {namespace: "+e.namespace+", name: x}, dat: {a: b}}"), kube.ApplyOptions{})
			return err
		}, []kube.Cause{{Field: "dat", Type: kube.CauseUnknownField}}},
		{"name", func() error {
			_, err := e.client.Create(e.ctx, gauges, e.gauge(t, "Not_a_name", "{}"))
			return err
		}, []kube.Cause{{Field: "metadata.name", Type: "FieldValueInvalid", Message: "Invalid value"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.do()
			var invalid *kube.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %T %v", err, err)
			}
			if len(invalid.Causes) != len(test.want) {
				t.Fatalf("got %+v", invalid.Causes)
			}
			for i, want := range test.want {
				got := invalid.Causes[i]
				if got.Field != want.Field || got.Type != want.Type || !strings.HasPrefix(got.Message, want.Message) {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestThreeKindsOfMissing(t *testing.T) {
	e := setUp(t)
	var (
		notFound    *kube.NotFoundError
		notServed   *kube.NotServedError
		noNamespace *kube.NamespaceNotFoundError
	)
	if _, err := e.client.Get(e.ctx, gauges, e.key("absent")); !errors.As(err, &notFound) {
		t.Errorf("object: %T %v", err, err)
	}
	if _, err := e.client.Read(e.ctx, gauges, e.key("absent")); !errors.As(err, &notFound) {
		t.Errorf("object of a list: %T %v", err, err)
	}
	if _, err := e.client.Get(e.ctx, gaugeKind("dial"), e.key("absent")); !errors.As(err, &notServed) {
		t.Errorf("kind: %T %v", err, err)
	}
	if _, err := e.client.Read(e.ctx, gaugeKind("dial"), e.key("absent")); !errors.As(err, &notServed) {
		t.Errorf("kind of a list: %T %v", err, err)
	}
	version := gauges
	version.Version = "v2"
	if _, err := e.client.Get(e.ctx, version, e.key("first")); !errors.As(err, &notServed) {
		t.Errorf("version: %T %v", err, err)
	}
	lost := e.gauge(t, "lost", "{}")
	lost.SetNamespace(e.namespace + "-absent")
	if _, err := e.client.Create(e.ctx, gauges, lost); !errors.As(err, &noNamespace) {
		t.Errorf("namespace: %T %v", err, err)
	}
}

// repeating is a log that tells when a request is about to be repeated.
type repeating struct {
	slog.Handler
	seen chan struct{}
}

func (r repeating) Enabled(context.Context, slog.Level) bool { return true }

func (r repeating) Handle(_ context.Context, record slog.Record) error {
	if strings.HasPrefix(record.Message, "Repeating") {
		select {
		case r.seen <- struct{}{}:
		default:
		}
	}
	return nil
}

func TestWritesWaitForTheirKind(t *testing.T) {
	e := setUp(t)
	late := gaugeKind("late" + strings.ReplaceAll(e.namespace, "-", ""))
	log := repeating{slog.DiscardHandler, make(chan struct{}, 1)}
	created := make(chan error)
	go func() {
		_, err := e.client.Create(logctx.With(e.ctx, slog.New(log)), late, e.gauge(t, "early", "{size: 1}"))
		created <- err
	}()
	<-log.seen
	if _, err := e.client.Create(e.ctx, definitions, definition(t, late)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(e.ctx)
		if err := e.client.Delete(ctx, definitions, kube.Key{Name: late.GroupResource().String()}, ""); err != nil {
			t.Error(err)
		}
	})
	if err := <-created; err != nil {
		t.Error(err)
	}
}

func TestWritesWaitForAWebhook(t *testing.T) {
	e := setUp(t)
	hooks := kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"}, Kind: "ValidatingWebhookConfiguration"}
	hook := object(t, `
metadata: {name: `+e.namespace+`}
webhooks:
- name: validation.kube-test.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 1
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+e.namespace+`}}
  rules: [{apiGroups: [kube-test.example.com], apiVersions: [v1], operations: [CREATE], resources: ["*"]}]
  clientConfig: {url: "https://127.0.0.1:1/validate"}
`)
	if _, err := e.client.Create(e.ctx, hooks, hook); err != nil {
		t.Fatal(err)
	}
	remove := func(ctx context.Context) {
		if err := e.client.Delete(ctx, hooks, kube.Key{Name: e.namespace}, ""); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { remove(context.WithoutCancel(e.ctx)) })
	log := repeating{slog.DiscardHandler, make(chan struct{}, 1)}
	ctx := logctx.With(e.ctx, slog.New(log))
	// It takes the server a moment to heed the hook: create until it does.
	created := make(chan error)
	go func() {
		for name := "x"; ; name += "x" {
			_, err := e.client.Create(ctx, gauges, e.gauge(t, name, "{}"))
			if err != nil || len(log.seen) > 0 {
				created <- err
				return
			}
		}
	}()
	log.seen <- <-log.seen
	remove(e.ctx)
	if err := <-created; err != nil {
		t.Error(err)
	}
}

func TestDeleteKeepsToItsObject(t *testing.T) {
	e := setUp(t)
	kept := e.gauge(t, "kept", "{}")
	kept.SetFinalizers([]string{"kube-test.example.com/hold"})
	kept, err := e.client.Create(e.ctx, gauges, kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.client.Delete(e.ctx, gauges, e.key("kept"), types.UID("another")); err != nil {
		t.Errorf("deleting what was replaced: %v", err)
	}
	if got, err := e.client.Get(e.ctx, gauges, e.key("kept")); err != nil || got.GetDeletionTimestamp() != nil {
		t.Fatalf("an object with another uid was deleted, or %v", err)
	}
	if err := e.client.Delete(e.ctx, gauges, e.key("kept"), kept.GetUID()); err != nil {
		t.Fatal(err)
	}
	if got, err := e.client.Get(e.ctx, gauges, e.key("kept")); err != nil || got.GetDeletionTimestamp() == nil {
		t.Fatalf("the object with a finalizer is not being deleted, or %v", err)
	}
	if _, err := e.client.MergePatch(e.ctx, gauges, e.key("kept"), kube.Patch{}.Set(nil, "metadata", "finalizers")); err != nil {
		t.Fatal(err)
	}
	if err := e.client.Delete(e.ctx, gauges, e.key("kept"), kept.GetUID()); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}

	// An apply that means a certain object does not make another one.
	var notFound *kube.NotFoundError
	for _, name := range []string{"kept", "first"} {
		again := e.gauge(t, name, "{size: 3}")
		again.SetUID(kept.GetUID())
		if _, err := e.client.Apply(e.ctx, gauges, again, kube.ApplyOptions{}); !errors.As(err, &notFound) {
			t.Errorf("applying to %s with the uid of what is gone: %T %v", name, err, err)
		}
	}
}

func TestDeniedRequestsNameTheRight(t *testing.T) {
	e := setUp(t)
	stranger := e.connect(t, func(c *kube.Config) {
		c.Impersonate = &kube.Impersonate{User: "jane", Groups: []string{"system:authenticated"}}
	})
	_, err := stranger.Apply(e.ctx, gauges, e.gauge(t, "first", "{size: 1}"), kube.ApplyOptions{})
	var denied *kube.DeniedError
	if !errors.As(err, &denied) || denied.Verb != "patch" || denied.Resource != "gauges.kube-test.example.com" || denied.User != "jane" || denied.Admission != "" {
		t.Errorf("got %T %+v", err, err)
	}
	nobody := e.connect(t, func(c *kube.Config) { c.Token = "planted-secret" })
	_, err = nobody.Get(e.ctx, gauges, e.key("first"))
	var credentials *kube.CredentialsError
	if !errors.As(err, &credentials) || strings.Contains(err.Error(), "planted-secret") {
		t.Errorf("got %T %v", err, err)
	}
}
