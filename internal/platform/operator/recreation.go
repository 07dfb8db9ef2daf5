package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// recreation is what the cluster remembers while an object is deleted and
// created again, in the config map <name>-recreate: it has to outlive the
// object, and the provider.
type recreation struct {
	// uid is that of the object that is deleted.
	uid string
	// replaces are that uid and those of the objects before it which no apply
	// has come to know.
	replaces string
	// path is where its job's state is, empty when there is none.
	path string
	// configured is the path that the new specification has itself, which the
	// job's own state goes before.
	configured string
	// specification is the fingerprint of what is to be created.
	specification string
	// since is when it was noted, by the API server's clock.
	since time.Time
}

// noted is of what a note is: a deployment or a session job, and which of the forms
// of a deployment its creation is to have.
type noted struct {
	whole platform.Ref
	// colored: as colors of the provider's own engine.
	colored bool
	// sessionJob: a FlinkDeployment may have the same name.
	sessionJob bool
}

// notedOf is of what a note beside an object is, by the object's labels.
func (d *Deployments) notedOf(ref platform.Ref, labels map[string]string) noted {
	n := noted{whole: ref, sessionJob: d.kind == sessionJobKind}
	if whole, isColor := labels[deploymentLabel]; isColor {
		n.whole.Name, n.colored = whole, true
	}
	return n
}

// key names the config map.
func (n noted) key() kube.Key {
	name := n.whole.Name
	switch {
	case n.colored:
		name = bluegreen.ColorRef(n.whole, flink.Blue).Name
	case n.sessionJob:
		name += "-session-job"
	}
	return kube.Key{Namespace: n.whole.Namespace, Name: name + "-recreate"}
}

// kind is that of what is noted. Several names lead to one config map: "a" in two
// colors and "a-blue", a session job "a" and the deployment "a-session-job".
func (n noted) kind() string {
	switch {
	case n.colored:
		return "blue/green deployment"
	case n.sessionJob:
		return sessionJobKind.Kind
	}
	return deploymentKind.Kind
}

// isIn tells whether a config map is the note.
func (n noted) isIn(object *unstructured.Unstructured) bool {
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	return object.GetLabels()[managedByLabel] == kube.FieldManager && data["kind"] == n.kind() && data["deployment"] == n.whole.Name
}

// recreationOf returns what is remembered about a deployment, nil for nothing.
func (d *Deployments) recreationOf(ctx context.Context, n noted) (*recreation, error) {
	object, err := d.cluster.Get(ctx, configMapKind, n.key())
	var absent *kube.NotFoundError
	var denied *kube.DeniedError
	switch {
	case errors.As(err, &absent):
		return nil, nil
	case errors.As(err, &denied):
		// Who may not read it has not written it.
		logctx.From(ctx).InfoContext(ctx, "The config map of an interrupted re-creation cannot be read", "error", err.Error())
		return nil, nil
	case err != nil:
		return nil, err
	case !n.isIn(object):
		return nil, nil
	}
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	return &recreation{uid: data["deleted-uid"], replaces: data["replaces"], path: data["savepoint"], configured: data["configured-savepoint"], specification: data["specification"], since: object.GetCreationTimestamp().Time}, nil
}

// record remembers where a job's state is, before its object is deleted.
func (d *Deployments) record(ctx context.Context, n noted, r recreation) error {
	key := n.key()
	found, err := d.cluster.Get(ctx, configMapKind, key)
	if err == nil && !n.isIn(found) {
		return fmt.Errorf("the config map %s, in which the provider keeps the path of a job's state while its object is created again, exists already and is not the provider's, or of another deployment. Nothing was deleted. Rename or delete it, and apply again", key)
	}
	var absent *kube.NotFoundError
	if err != nil && !errors.As(err, &absent) {
		return err
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       configMapKind.Kind,
		"data":       map[string]any{"kind": n.kind(), "deployment": n.whole.Name, "deleted-uid": r.uid, "replaces": r.replaces, "savepoint": r.path, "configured-savepoint": r.configured, "specification": r.specification},
	}}
	object.SetNamespace(key.Namespace)
	object.SetName(key.Name)
	object.SetLabels(map[string]string{managedByLabel: kube.FieldManager})
	_, err = d.cluster.Apply(ctx, configMapKind, object, kube.ApplyOptions{Force: true})
	return err
}

// forget removes what was remembered, if anything was.
func (d *Deployments) forget(ctx context.Context, n noted) error {
	r, err := d.recreationOf(ctx, n)
	if r == nil || err != nil {
		return err
	}
	return d.cluster.Delete(ctx, configMapKind, n.key(), "")
}

// resumed tells the caller of a create that it starts from a state that was noted;
// nil when there is none, or when the create has that very path itself.
func (d *Deployments) resumed(want platform.Deployment, r *recreation) *platform.Resumed {
	if r == nil || r.path == "" || r.path == initialPathOf(want) {
		return nil
	}
	return &platform.Resumed{Path: r.path, Since: r.since, Place: d.noteAt(d.notedOf(want.Ref, want.Labels))}
}

// whereabouts says where the state of a job is whose object is gone.
func (d *Deployments) whereabouts(r recreation, n noted) string {
	if r.path == "" {
		return ""
	}
	return fmt.Sprintf("The state of the job is in %s (noted in %s); the next apply starts from it.", r.path, d.noteAt(n))
}

// noteAt names where a note is, for messages.
func (d *Deployments) noteAt(n noted) string {
	if d.options.Noted != nil {
		return d.options.Noted(n.key())
	}
	return "the config map " + n.key().String()
}
