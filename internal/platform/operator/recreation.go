package operator

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// recreationAnnotation marks an object that was created in the place of another
// and whose job has not run yet. Its value is the initial savepoint path that
// the object has in the end, empty for none.
const recreationAnnotation = "flink-terraform.io/recreation"

// replacesAnnotation lists the uids of the objects in whose place one was
// created, separated by blanks: it is still the deployment that they were. The
// next update removes it.
const replacesAnnotation = "flink-terraform.io/replaces"

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
}

func recreationKey(kind kube.Kind, ref platform.Ref) kube.Key {
	name := ref.Name + "-recreate"
	if kind == sessionJobKind {
		// A FlinkDeployment may have the same name.
		name = ref.Name + "-session-job-recreate"
	}
	return kube.Key{Namespace: ref.Namespace, Name: name}
}

// recreationOf returns what is remembered about a deployment, nil for nothing.
func (d *Deployments) recreationOf(ctx context.Context, ref platform.Ref) (*recreation, error) {
	object, err := d.cluster.Get(ctx, configMapKind, recreationKey(d.kind, ref))
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
	case object.GetLabels()[managedByLabel] != kube.FieldManager:
		return nil, nil
	}
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	return &recreation{uid: data["deleted-uid"], replaces: data["replaces"], path: data["savepoint"], configured: data["configured-savepoint"], specification: data["specification"]}, nil
}

// record remembers where a job's state is, before its object is deleted.
func (d *Deployments) record(ctx context.Context, ref platform.Ref, r recreation) error {
	key := recreationKey(d.kind, ref)
	found, err := d.cluster.Get(ctx, configMapKind, key)
	if err == nil && found.GetLabels()[managedByLabel] != kube.FieldManager {
		return fmt.Errorf("the config map %s, in which the provider keeps the path of a job's state while its object is created again, exists already and is not the provider's. Nothing was deleted. Rename or delete it, and apply again", key)
	}
	var absent *kube.NotFoundError
	if err != nil && !errors.As(err, &absent) {
		return err
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       configMapKind.Kind,
		"data":       map[string]any{"deleted-uid": r.uid, "replaces": r.replaces, "savepoint": r.path, "configured-savepoint": r.configured, "specification": r.specification},
	}}
	object.SetNamespace(key.Namespace)
	object.SetName(key.Name)
	object.SetLabels(map[string]string{managedByLabel: kube.FieldManager})
	_, err = d.cluster.Apply(ctx, configMapKind, object, kube.ApplyOptions{Force: true})
	return err
}

// forget removes what was remembered, if anything was.
func (d *Deployments) forget(ctx context.Context, ref platform.Ref) error {
	r, err := d.recreationOf(ctx, ref)
	if r == nil || err != nil {
		return err
	}
	return d.cluster.Delete(ctx, configMapKind, recreationKey(d.kind, ref), "")
}

// whereabouts says where the state of a job is whose object is gone.
func (d *Deployments) whereabouts(r recreation, ref platform.Ref) string {
	if r.path == "" {
		return ""
	}
	return fmt.Sprintf("The state of the job is in %s (noted in the config map %s); the next apply starts from it.", r.path, recreationKey(d.kind, ref))
}
