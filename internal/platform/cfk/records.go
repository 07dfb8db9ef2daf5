package cfk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// annotationPrefix begins the annotations that the provider keeps for itself.
const annotationPrefix = "flink-terraform.io/"

// records are the custom resources of one kind as resources know them: T is an object there. It
// implements platform.Objects for what is there as soon as the server has it.
type records[T any] struct {
	client *Client
	kind   kube.Kind
	// inEnvironment tells that a Ref names, as its Namespace, the environment.
	inEnvironment bool
	described     func(T) platform.Described
	// spec returns what is sent of an object, without its environment and its CMFRestClass.
	spec func(T) (map[string]any, error)
	// known returns an object from a custom resource.
	known func(ctx context.Context, is platform.Described, o *unstructured.Unstructured) T
	// users are the kinds of what may use such an object, and how each names it.
	users []user
	// server are the same objects on the server.
	server func(*confluent.Client) platform.Objects[T]
}

// user is a kind of resources that name another one at a path.
type user struct {
	kind kube.Kind
	noun string
	at   []string
}

// wire returns a value with the numbers that objects may hold.
func wire(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	err = utiljson.Unmarshal(text, &out)
	return out, err
}

// object is the custom resource of what is wanted.
func (r *records[T]) object(want T) (*unstructured.Unstructured, error) {
	is := r.described(want)
	spec, err := r.spec(want)
	if err != nil {
		return nil, err
	}
	environment := r.client.environment
	if r.inEnvironment {
		environment = is.Namespace
	}
	if r.kind != secretKind {
		spec[environmentField] = environment
	}
	o := r.client.resource(r.kind, is.Name, spec)
	o.SetLabels(is.Labels)
	o.SetAnnotations(is.Annotations)
	return o, nil
}

// Create implements platform.Objects.
func (r *records[T]) Create(ctx context.Context, want T) (T, error) {
	if !r.inEnvironment && r.kind != secretKind {
		if err := r.client.named(); err != nil {
			return want, err
		}
	}
	ref := r.described(want).Ref
	o, err := r.object(want)
	if err != nil {
		return want, err
	}
	err = r.client.unknownToServer(ctx, r.kind.Kind, ref, func(ctx context.Context, client *confluent.Client) error {
		if _, err := r.client.cluster.Get(ctx, r.kind, r.client.key(ref.Name)); err == nil {
			// The create says what is to be said of it.
			return &platform.NotFoundError{Kind: r.kind.Kind, Ref: ref}
		}
		_, err := r.server(client).Read(ctx, ref)
		return err
	})
	if err != nil {
		return want, err
	}
	created, err := r.client.cluster.Create(ctx, r.kind, o)
	if err != nil {
		return want, err
	}
	return r.of(ctx, ref, created), nil
}

// Await implements platform.Objects: the server has what the resource says.
func (r *records[T]) Await(ctx context.Context, known T) (T, error) {
	ref := r.described(known).Ref
	o, err := r.client.cluster.Get(ctx, r.kind, r.client.key(ref.Name))
	if err != nil {
		return known, r.absent(err, ref)
	}
	last, err := r.client.handedOn(ctx, r.kind, o)
	return r.of(ctx, ref, last), err
}

// Read implements platform.Objects.
func (r *records[T]) Read(ctx context.Context, ref platform.Ref) (T, error) {
	var none T
	o, err := r.client.cluster.Read(ctx, r.kind, r.client.key(ref.Name))
	if err != nil {
		return none, r.absent(err, ref)
	}
	if r.inEnvironment && environmentOf(o) != ref.Namespace {
		return none, &platform.NotFoundError{Kind: r.kind.Kind, Ref: ref}
	}
	return r.of(ctx, ref, o), nil
}

// Update implements platform.Objects. As over REST, the last writer wins.
func (r *records[T]) Update(ctx context.Context, want, _ T) (T, error) {
	ref := r.described(want).Ref
	o, err := r.object(want)
	if err != nil {
		return want, err
	}
	written, err := r.client.write(ctx, r.kind, o)
	if err != nil {
		return want, r.absent(err, ref)
	}
	return r.of(ctx, ref, written), nil
}

// write writes a resource over the one that is there.
func (c *Client) write(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, err := c.cluster.Get(ctx, kind, kube.KeyOf(o))
	if err != nil {
		return nil, err
	}
	o.SetUID(live.GetUID())
	options := kube.ApplyOptions{Force: true}
	if !kube.HasManager(live) {
		for _, manager := range kube.Managers(live) {
			// What the controller has said stays, such as its finalizer.
			if !strings.Contains(manager, "confluent") {
				options.TakeOver = append(options.TakeOver, manager)
			}
		}
	}
	return c.cluster.Apply(ctx, kind, o, options)
}

// Delete implements platform.Objects.
func (r *records[T]) Delete(ctx context.Context, known T) error {
	ref := r.described(known).Ref
	if err := r.client.unused(ctx, r.kind, ref, r.users); err != nil {
		return err
	}
	return r.client.remove(ctx, r.kind, ref.Name, ref.Namespace, r.inEnvironment)
}

// TakeOver implements platform.TakesOver.
func (r *records[T]) TakeOver(ctx context.Context, ref platform.Ref) error {
	c := r.client
	live, err := c.cluster.Get(ctx, r.kind, c.key(ref.Name))
	if err == nil {
		return c.rewire(ctx, r.kind, live)
	}
	if _, absent := errors.AsType[*kube.NotFoundError](err); !absent {
		return err
	}
	client, err := c.fromServer(ctx)
	if err != nil {
		return err
	}
	told, err := r.server(client).Read(ctx, ref)
	if err != nil {
		return err
	}
	o, err := r.object(told)
	if err != nil {
		return err
	}
	return c.take(ctx, r.kind, o)
}

func (r *records[T]) of(ctx context.Context, ref platform.Ref, o *unstructured.Unstructured) T {
	annotations := o.GetAnnotations()
	maps.DeleteFunc(annotations, func(key, _ string) bool { return strings.HasPrefix(key, annotationPrefix) })
	return r.known(ctx, platform.Described{Ref: ref, Labels: o.GetLabels(), Annotations: annotations}, o)
}

func (r *records[T]) absent(err error, ref platform.Ref) error {
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return &platform.NotFoundError{Kind: r.kind.Kind, Ref: ref}
	}
	return err
}

// unused is an error while other resources name one.
func (c *Client) unused(ctx context.Context, kind kube.Kind, ref platform.Ref, users []user) error {
	var used []string
	for _, u := range users {
		all, err := c.cluster.List(ctx, u.kind, c.at.Namespace, "")
		if notServed := (*kube.NotServedError)(nil); errors.As(err, &notServed) {
			continue
		}
		if err != nil {
			return err
		}
		for i := range all {
			if name, _, _ := unstructured.NestedString(all[i].Object, u.at...); name == ref.Name {
				used = append(used, "the "+u.noun+" "+all[i].GetName())
			}
		}
	}
	if len(used) == 0 {
		return nil
	}
	return &platform.ExplainedError{
		Cause: "it is still in use", Err: fmt.Errorf("%s %s is used by %s, and cannot be deleted", kind.Kind, ref, strings.Join(used, ", ")),
		Remedy: "Nothing was changed. Stop or delete what uses it first; what this configuration has is ordered by its references.",
	}
}

// remove deletes a resource, and waits until it is gone, and with it its object on the server.
func (c *Client) remove(ctx context.Context, kind kube.Kind, name, environment string, inEnvironment bool) error {
	live, err := c.cluster.Get(ctx, kind, c.key(name))
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent || err == nil && inEnvironment && environmentOf(live) != environment {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.cluster.Delete(ctx, kind, c.key(name), live.GetUID()); err != nil {
		return err
	}
	return c.gone(ctx, kind, live)
}

// gone waits until a resource that is being deleted is gone. A refusal of the server ends the
// wait.
func (c *Client) gone(ctx context.Context, kind kube.Kind, live *unstructured.Unstructured) error {
	last, before := live, syncOf(live)
	refuses := func() bool {
		s := syncOf(last)
		// What was said before is of something else.
		said := s.message != before.message || s.at != before.at
		return last.GetDeletionTimestamp() != nil && said && s.status == syncFailed && refusal.MatchString(s.message)
	}
	is := false
	err := watch.Wait[kube.Change]{
		See: func(change kube.Change) bool {
			if change.Object == nil || change.Object.GetUID() != live.GetUID() {
				is = true
				return true
			}
			last = change.Object
			return refuses()
		},
		Trouble: func(err error) error {
			if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
				return err
			}
			return nil
		},
	}.Until(ctx, func(ctx context.Context) <-chan kube.Change { return c.cluster.Follow(ctx, kind, kube.KeyOf(live)) })
	ref := kube.Ref{Kind: kind, Key: kube.KeyOf(live)}
	switch {
	case is:
		return nil
	case err == nil:
		return &platform.ExplainedError{
			Cause: "the server refuses it", Err: fmt.Errorf("%s is marked as deleted, and %s keeps what it stands for: %s", ref, server, syncOf(last).message),
			Remedy: "Remove what is in the way, and destroy again: " + product + " goes on deleting it.",
		}
	case errors.Is(err, context.DeadlineExceeded):
		return &platform.RolloutError{
			Waiting: true, Summary: fmt.Sprintf("%s is not gone in time", ref),
			Detail: fmt.Sprintf("It is marked as deleted, and its finalizer waits for %s. Last seen: %s. Check that its controller runs and reaches the server; it goes on by itself. Destroy again to wait on.", product, syncOf(last)),
		}
	}
	return err
}
