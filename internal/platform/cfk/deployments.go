package cfk

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// deployments are those of the operator's rules, whose errors are the platform's.
type deployments struct {
	platform.Told

	store *applications
}

var _ platform.TakesOver = deployments{}

// Deployments implements platform.Platform. Its rules know no other kind.
func (c *Client) Deployments(platform.Kind) platform.Deployments {
	store := c.applications(c.environment)
	inner := operator.NewApplications(store, operator.Options{Kind: applicationKind.Kind, Unrouted: true, ForceConflicts: c.options.ForceConflicts})
	tell := func(observed *platform.Observed, err error) (*platform.Observed, error) {
		return observed, explain(err)
	}
	return deployments{platform.Told{Inner: inner, Tell: tell}, store}
}

// Savepoints implements platform.Platform: by the trigger of the job alone.
func (c *Client) Savepoints() platform.Savepoints {
	return operator.NewSavepoints(c.applications(c.environment))
}

// TakeOver implements platform.TakesOver: the application becomes a custom resource that says
// what the server has been told, so that the controller changes nothing there.
func (d deployments) TakeOver(ctx context.Context, ref platform.Ref) error {
	return explain(d.store.takeOver(ctx, ref))
}

func (a *applications) takeOver(ctx context.Context, ref platform.Ref) error {
	c := a.client
	live, err := c.cluster.Get(ctx, applicationKind, c.key(ref.Name))
	if err == nil {
		if !a.ofEnvironment(live) {
			return &platform.ExistsError{Err: a.taken(kube.Ref{Kind: applicationKind, Key: c.key(ref.Name)}, environmentOf(live))}
		}
		return c.rewire(ctx, applicationKind, live)
	}
	if _, absent := errors.AsType[*kube.NotFoundError](err); !absent {
		return err
	}
	client, err := c.fromServer(ctx)
	if err != nil {
		return err
	}
	told, err := client.Application(ctx, ref)
	if err != nil {
		return err
	}
	if operator.WholeOf(told) != "" {
		return &platform.ExplainedError{
			Cause: "it has colors", Err: fmt.Errorf("FlinkApplication %s is a color of a blue/green deployment, which custom resources do not have", ref),
			Remedy: "Set upgrade.strategy = \"in_place\" first, and apply; then move it.",
		}
	}
	if size := otherSize(told); size != "" {
		return &platform.ExplainedError{
			Cause: "its job would restart", Err: fmt.Errorf("the definition of FlinkApplication does not take the memory %q, and the operator takes other words for the same size for a change", size),
			Remedy: "Apply another size in megabytes over REST first, for example \"2049m\", which restarts the job with its state, and move it then. Nothing was changed.",
		}
	}
	return c.take(ctx, applicationKind, a.toApplication(told))
}

// otherSize is a memory of an object that a custom resource would have in other words, empty for
// none.
func otherSize(o *unstructured.Unstructured) string {
	for _, part := range processes {
		size := text(o, "spec", part, "resource", "memory")
		if size != "" && !confluent.TakenByResources(size) {
			return size
		}
	}
	return ""
}

// take creates a custom resource of what the server has, and waits until the controller has
// found it there.
func (c *Client) take(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured) error {
	o.SetUID("")
	o.SetResourceVersion("")
	created, err := c.cluster.Create(ctx, kind, o)
	if err != nil {
		return err
	}
	_, err = c.handedOn(ctx, kind, created)
	return err
}

// rewire has a custom resource name how its controller reaches the server, as the environment
// says it now.
func (c *Client) rewire(ctx context.Context, kind kube.Kind, live *unstructured.Unstructured) error {
	want := c.resource(kind, live.GetName(), map[string]any{})
	patch := kube.Patch{}.Set(string(live.GetUID()), "metadata", "uid").Set(nil, "spec", classField)
	if class, has, _ := unstructured.NestedMap(want.Object, "spec", classField); has {
		patch = patch.Set(class, "spec", classField)
	}
	patched, err := c.cluster.MergePatch(ctx, kind, kube.KeyOf(live), patch)
	if err != nil {
		return err
	}
	_, err = c.handedOn(ctx, kind, patched)
	return err
}

// look looks for an application on the server.
func lookForApplication(ref platform.Ref) func(context.Context, *confluent.Client) error {
	return func(ctx context.Context, client *confluent.Client) error {
		_, err := client.Application(ctx, ref)
		return err
	}
}
