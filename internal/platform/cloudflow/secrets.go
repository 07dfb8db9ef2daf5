package cloudflow

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const (
	// ofLabel is on the Secret of a streamlet, with the name of its deployment.
	ofLabel = "flink-terraform.io/cloudflow-streamlet"
	// creationAnnotation and updateAnnotation are on the Secret of a streamlet that Cloudflow's operator runs, until a
	// create, or an update with its action, has come to its end: with the process that creates, and with the action.
	creationAnnotation = "flink-terraform.io/creation"
	updateAnnotation   = "flink-terraform.io/update"
)

// streamlet is all that is to be written of a streamlet before it runs.
type streamlet struct {
	ref    platform.Ref
	entry  core.Entry
	told   core.Told
	values map[string]string
}

// streamletOf returns what a deployment comes to. Its document is in the Secret that its pods mount.
func (a applications) streamletOf(ctx context.Context, want platform.Deployment, cluster string) (streamlet, error) {
	out := streamlet{ref: want.Ref}
	_, carried, ok := blueprint.Unrendered(want.Spec.PodTemplate)
	if !ok || carried.Secret == "" {
		return out, fmt.Errorf("the deployment %s is no streamlet: its pods have no application document", want.Ref)
	}
	object, err := a.cluster.Get(ctx, secretKind, kube.Key{Namespace: want.Namespace, Name: carried.Secret})
	if err != nil {
		return out, err
	}
	documents, err := kube.SecretValues(object)
	if err != nil {
		return out, err
	}
	if out.told, err = core.ReadTold(documents[blueprint.DocumentFile]); err != nil {
		return out, err
	}
	out.entry = core.EntryFor(want.Spec, out.told, cluster)
	pods := map[string]any{}
	if out.entry.Runtime == core.RuntimeAkka {
		// What cannot be said was an error of the plan.
		pods, _ = core.PodsOf(want.Spec)
	}
	if out.values, err = core.SecretValues(out.entry, out.told, pods); err != nil {
		return out, err
	}
	out.entry.Secret = core.SecretName(out.entry.App, out.entry.Streamlet, out.values)
	if out.entry.Runtime != core.RuntimeAkka {
		return out, nil
	}
	spec, err := flink.TreeOf(want.Spec)
	if err != nil {
		return out, err
	}
	applied, err := json.Marshal(core.Applied{Spec: spec, Labels: want.Labels, Annotations: want.Annotations})
	out.values[core.KeySpecification] = string(applied)
	return out, err
}

// secretObject is the Secret of a streamlet. It goes with the application, once there is one.
func (s streamlet) secretObject(app *unstructured.Unstructured, annotations map[string]string) *unstructured.Unstructured {
	object := plainSecret(s.ref.Namespace, s.entry.Secret, s.values)
	labels := core.Labels(s.entry.App)
	labels[core.StreamletLabel], labels[ofLabel] = s.entry.Streamlet, s.ref.Name
	labels[platform.ApplicationLabel], labels[platform.StreamletLabel] = s.entry.App, s.entry.Streamlet
	object.SetLabels(labels)
	if len(annotations) > 0 {
		object.SetAnnotations(annotations)
	}
	if app != nil {
		metadata, _ := object.Object["metadata"].(map[string]any)
		metadata["ownerReferences"] = ownerOf(app)
	}
	return object
}

// plainSecret is a Secret with some values.
func plainSecret(namespace, name string, values map[string]string) *unstructured.Unstructured {
	data := map[string]any{}
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	object := &unstructured.Unstructured{Object: map[string]any{"type": "Opaque", "data": data}}
	object.SetAPIVersion(secretKind.GroupVersion().String())
	object.SetKind(secretKind.Kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

// written is what a write of a streamlet has found, and so what takes it back.
type written struct {
	app *unstructured.Unstructured
	// before is the specification of the application before, nil for none.
	before map[string]any
	// former is the entry before, and formerSecret its Secret; nil and empty for none.
	former       map[string]any
	formerSecret string
	// told is what the configuration of the application told the streamlet before; nil for nothing.
	told *core.Told
	// overwritten are the values of before of the Secret that was written; nil for one that is new.
	overwritten map[string]string
}

// write writes a streamlet: its Secrets first, without which the operator gives up, then its entry. The caller has
// the lock.
func (a applications) write(ctx context.Context, s streamlet, annotations map[string]string) (written, error) {
	var out written
	live, err := a.cluster.Get(ctx, applicationKind, kube.Key{Namespace: s.ref.Namespace, Name: s.entry.App})
	if err != nil && !isAbsent(err) {
		return out, err
	}
	if isAbsent(err) {
		live = nil
	}
	if _, out.overwritten, err = a.secretOf(ctx, s.ref.Namespace, s.entry.Secret); err != nil {
		return out, err
	}
	if _, err := a.cluster.Apply(ctx, secretKind, s.secretObject(live, annotations), kube.ApplyOptions{Force: true}); err != nil {
		return out, err
	}
	if out.told, err = a.writeInput(ctx, s.ref.Namespace, s.entry.App, s.entry.Streamlet, &s.told, live); err != nil {
		return out, err
	}
	out.app, out.before, err = a.edit(ctx, s.ref.Namespace, s.entry.App, func(spec map[string]any) { core.Put(spec, s.entry) })
	if err != nil {
		return out, err
	}
	if former, has := core.Find(out.before, s.entry.Streamlet); has {
		out.former = former
		out.formerSecret = core.EntryOf(out.before, former).Secret
	}
	if live == nil {
		for _, name := range []string{s.entry.Secret, core.InputSecret(s.entry.App)} {
			if err := a.own(ctx, out.app, secretKind, name); err != nil {
				return out, err
			}
		}
	}
	if s.entry.Runtime == core.RuntimeAkka {
		if err := a.account(ctx, out.app); err != nil {
			return out, err
		}
	}
	return out, a.dropTopics(ctx, s.ref.Namespace, s.entry.App, core.Topics(out.before), core.Topics(specOf(out.app)))
}

// takeBack puts an application as it was before a write: the entry of the streamlet of before, or none.
func (a applications) takeBack(ctx context.Context, s streamlet, w written) error {
	if w.former == nil {
		return errors.Join(a.remove(ctx, s.ref.Namespace, s.entry.App, s.entry.Streamlet), a.dropSecrets(ctx, s.ref))
	}
	_, _, err := a.edit(ctx, s.ref.Namespace, s.entry.App, func(spec map[string]any) { core.Restore(spec, w.before, s.entry.Streamlet) })
	if err == nil {
		_, err = a.writeInput(ctx, s.ref.Namespace, s.entry.App, s.entry.Streamlet, w.told, w.app)
	}
	switch {
	case err != nil:
		return err
	case w.formerSecret != s.entry.Secret:
		return a.dropSecrets(ctx, s.ref, w.formerSecret)
	case w.overwritten == nil:
		return nil
	}
	// Both versions have the Secret, which says what was applied.
	s.values = w.overwritten
	_, err = a.cluster.Apply(ctx, secretKind, s.secretObject(w.app, nil), kube.ApplyOptions{Force: true})
	return err
}

// writeInput writes what a streamlet is told into the configuration of the whole application; nil takes it out. It returns
// what the streamlet was told before.
func (a applications) writeInput(ctx context.Context, namespace, app, name string, told *core.Told, owner *unstructured.Unstructured) (was *core.Told, err error) {
	key := kube.Key{Namespace: namespace, Name: core.InputSecret(app)}
	live, err := a.cluster.Get(ctx, secretKind, key)
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	before := ""
	if err == nil {
		values, err := kube.SecretValues(live)
		if err != nil {
			return nil, err
		}
		before = string(values[core.InputKey])
	} else if told == nil {
		return nil, nil
	}
	was = core.InputOf(before, name)
	text, _, err := core.Input(before, name, told)
	if err != nil || text == before {
		return was, err
	}
	object := plainSecret(namespace, key.Name, map[string]string{core.InputKey: text})
	object.SetLabels(core.Labels(app))
	if owner != nil {
		metadata, _ := object.Object["metadata"].(map[string]any)
		metadata["ownerReferences"] = ownerOf(owner)
	}
	_, err = a.cluster.Apply(ctx, secretKind, object, kube.ApplyOptions{Force: true})
	return was, err
}

// account creates the service account of the pods that Cloudflow's operator makes, as Cloudflow's own client does.
func (a applications) account(ctx context.Context, app *unstructured.Unstructured) error {
	key := kube.Key{Namespace: app.GetNamespace(), Name: core.ServiceAccount}
	if _, err := a.cluster.Get(ctx, serviceAccountKind, key); !isAbsent(err) {
		return err
	}
	object := &unstructured.Unstructured{Object: map[string]any{"automountServiceAccountToken": true, "metadata": map[string]any{"ownerReferences": ownerOf(app)}}}
	object.SetAPIVersion("v1")
	object.SetKind(serviceAccountKind.Kind)
	object.SetNamespace(key.Namespace)
	object.SetName(key.Name)
	object.SetLabels(core.Labels(app.GetName()))
	_, err := a.cluster.Apply(ctx, serviceAccountKind, object, kube.ApplyOptions{Force: true})
	return err
}

// dropSecrets deletes the Secrets of a streamlet but those of some names.
func (a applications) dropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	secrets, err := a.cluster.List(ctx, secretKind, ref.Namespace, ofLabel+"="+ref.Name)
	if err != nil {
		return err
	}
	var failed []error
	for _, secret := range secrets {
		if !slices.Contains(except, secret.GetName()) {
			failed = append(failed, a.cluster.Delete(ctx, secretKind, kube.Key{Namespace: ref.Namespace, Name: secret.GetName()}, secret.GetUID()))
		}
	}
	return errors.Join(failed...)
}

// secretOf returns the Secret of a streamlet, nil where it is not there, with its values.
func (a applications) secretOf(ctx context.Context, namespace, name string) (*unstructured.Unstructured, map[string]string, error) {
	if name == "" {
		return nil, nil, nil
	}
	object, err := a.cluster.Get(ctx, secretKind, kube.Key{Namespace: namespace, Name: name})
	if isAbsent(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	bytes, err := kube.SecretValues(object)
	if err != nil {
		return nil, nil, err
	}
	values := make(map[string]string, len(bytes))
	for key, value := range bytes {
		values[key] = string(value)
	}
	return object, values, nil
}

// isOurs tells whether this provider has written the Secret of an entry.
func isOurs(secret *unstructured.Unstructured) bool {
	return secret != nil && secret.GetLabels()[ofLabel] != ""
}
