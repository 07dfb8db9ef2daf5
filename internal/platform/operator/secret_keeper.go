package operator

import (
	"context"
	"encoding/base64"
	"errors"
	"reflect"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// secretsOfLabel has the name of the deployment that a Secret of the provider has
// values for.
const secretsOfLabel = "flink-terraform.io/secret-configuration"

var (
	_ platform.SecretKeeper = (*Deployments)(nil)
	_ platform.SecretKeeper = (*Applications)(nil)
)

// keeping has, by the names of the deployments that this process creates, the
// written Secret of each.
var keeping sync.Map

// writtenSecret is a Secret that a create has written, with an empty uid before.
type writtenSecret struct {
	uid types.UID
	// fresh tells that there was none of its name.
	fresh bool
}

// KeepSecret implements platform.SecretKeeper.
func (d *Deployments) KeepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret) error {
	return d.keepSecret(ctx, ref, secret, d.finder(ref, secret.UID))
}

// finder finds the object of a deployment.
func (d *Deployments) finder(ref platform.Ref, uid string) finder {
	return func(ctx context.Context) (bool, error) {
		live, err := d.cluster.Get(ctx, d.kind, keyOf(ref))
		if err != nil {
			return false, d.translate(err, ref)
		}
		return true, checkSame(d.kind, ref, live, uid)
	}
}

// finder looks for the deployment that a Secret is for. It tells whether there is
// one, and returns an error when it is not the one of the change.
type finder func(ctx context.Context) (exists bool, err error)

// orNone is the same where no deployment is no error.
func (find finder) orNone(ctx context.Context) (exists bool, err error) {
	exists, err = find(ctx)
	var absent *platform.NotFoundError
	if errors.As(err, &absent) {
		err = nil
	}
	return exists, err
}

// SecretOf is the object of a Secret with values for a deployment. It has no owner: a deployment may be created
// again under its name, or be of two objects.
func SecretOf(ref platform.Ref, secret platform.OwnSecret) *unstructured.Unstructured {
	data := map[string]any{}
	for key, value := range secret.Values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	object := &unstructured.Unstructured{Object: map[string]any{"type": "Opaque", "data": data}}
	object.SetAPIVersion(secretKind.GroupVersion().String())
	object.SetKind(secretKind.Kind)
	object.SetNamespace(ref.Namespace)
	object.SetName(secret.Name)
	object.SetLabels(map[string]string{managedByLabel: kube.FieldManager, secretsOfLabel: ref.Name})
	return object
}

// keepSecret writes a Secret unless it is another deployment's.
func (d *Deployments) keepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret, find finder) error {
	object := SecretOf(ref, secret)
	if !secret.Create {
		// A plan may be older than the deployment of its name.
		if _, err := find(ctx); err != nil {
			return err
		}
		_, err := d.writeSecret(ctx, ref, object, nil)
		return err
	}
	name := nameIn{d.cluster.Identity(), ref}
	if _, taken := keeping.LoadOrStore(name, writtenSecret{}); taken {
		return &platform.BegunError{Here: true, Err: &kube.ExistsError{Ref: kube.Ref{Kind: secretKind, Key: kube.Key{Namespace: ref.Namespace, Name: secret.Name}}}}
	}
	written, err := d.writeSecret(ctx, ref, object, find)
	if err != nil {
		keeping.Delete(name)
		return err
	}
	keeping.Store(name, written)
	return nil
}

// writeSecret writes a Secret over what is there. With a finder it leaves other
// values alone while there is a deployment: without one they are what a create has
// left that failed or was killed.
func (d *Deployments) writeSecret(ctx context.Context, ref platform.Ref, object *unstructured.Unstructured, find finder) (writtenSecret, error) {
	key := kube.Key{Namespace: ref.Namespace, Name: object.GetName()}
	live, err := d.cluster.Get(ctx, secretKind, key)
	fresh := isAbsent(err)
	switch {
	case fresh:
	case err != nil:
		return writtenSecret{}, err
	default:
		used := live.GetLabels()[secretsOfLabel] != ref.Name
		if !used && find != nil && !reflect.DeepEqual(live.Object["data"], object.Object["data"]) {
			if used, err = find.orNone(ctx); err != nil {
				return writtenSecret{}, err
			}
		}
		if used {
			return writtenSecret{}, &kube.ExistsError{Ref: kube.Ref{Kind: secretKind, Key: key}, Managers: kube.Managers(live), Object: live}
		}
	}
	now, err := d.cluster.Apply(ctx, secretKind, object, kube.ApplyOptions{Force: true})
	if err != nil {
		return writtenSecret{}, err
	}
	return writtenSecret{now.GetUID(), fresh}, nil
}

// DiscardSecret implements platform.SecretKeeper.
func (d *Deployments) DiscardSecret(ctx context.Context, ref platform.Ref, name string, failed error) error {
	return d.discardSecret(ctx, ref, name, d.finder(ref, ""), failed)
}

func (d *Deployments) discardSecret(ctx context.Context, ref platform.Ref, name string, find finder, failed error) error {
	kept, _ := keeping.LoadAndDelete(nameIn{d.cluster.Identity(), ref})
	secret, _ := kept.(writtenSecret)
	if secret.uid == "" {
		return nil
	}
	// A deployment that refused the create takes nothing from a Secret that was
	// not there. Else it may be the one of this create, whose answer was lost.
	var others *kube.ExistsError
	if !secret.fresh || !errors.As(failed, &others) {
		if exists, err := find.orNone(ctx); err != nil || exists {
			return err
		}
	}
	return d.cluster.Delete(ctx, secretKind, kube.Key{Namespace: ref.Namespace, Name: name}, secret.uid)
}

// DropSecrets implements platform.SecretKeeper.
func (d *Deployments) DropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	secrets, err := d.cluster.List(ctx, secretKind, ref.Namespace, secretsOfLabel+"="+ref.Name)
	if err != nil {
		return err
	}
	var failed []error
	for _, secret := range secrets {
		if slices.Contains(except, secret.GetName()) || secret.GetLabels()[managedByLabel] != kube.FieldManager {
			continue
		}
		failed = append(failed, d.cluster.Delete(ctx, secretKind, kube.Key{Namespace: ref.Namespace, Name: secret.GetName()}, secret.GetUID()))
	}
	if len(except) == 0 {
		keeping.Delete(nameIn{d.cluster.Identity(), ref})
	}
	return errors.Join(failed...)
}

// KeepSecret implements platform.SecretKeeper.
func (a *Applications) KeepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret) error {
	return a.single.keepSecret(ctx, ref, secret, a.finder(ref, secret.UID))
}

// finder finds a deployment in whatever form.
func (a *Applications) finder(ref platform.Ref, uid string) finder {
	return func(ctx context.Context) (bool, error) {
		found, err := a.present(ctx, a.single.cluster.Get, ref)
		if err != nil {
			return false, err
		}
		return true, found.checkSame(ref, uid)
	}
}

// DiscardSecret implements platform.SecretKeeper.
func (a *Applications) DiscardSecret(ctx context.Context, ref platform.Ref, name string, failed error) error {
	return a.single.discardSecret(ctx, ref, name, a.finder(ref, ""), failed)
}

// DropSecrets implements platform.SecretKeeper.
func (a *Applications) DropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	return a.single.DropSecrets(ctx, ref, except...)
}
