package ververica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// wanted is what a deployment shall be, in the platform's form, and what was wanted of it
// before.
type wanted struct {
	spec, before flink.Tree
	// words is what the spec of a job comes from; nil for another thing.
	words       flink.Tree
	labels      [2]map[string]string
	annotations [2]map[string]string
	// said is vvp.AnnotationSaid.
	said string
}

// wantedOf translates what a change wants; before may be nil.
func wantedOf(want platform.Deployment, before *platform.Was) (wanted, error) {
	spec, err := vvp.Spec(want.Spec)
	if err != nil {
		return wanted{}, fmt.Errorf("the specification cannot be written: %w", err)
	}
	said, err := vvp.Said(want.Spec)
	if err != nil {
		return wanted{}, err
	}
	words, err := flink.TreeOf(want.Spec)
	if err != nil {
		return wanted{}, err
	}
	out := wanted{spec: spec, words: words, said: said, labels: [2]map[string]string{want.Labels}, annotations: [2]map[string]string{want.Annotations}}
	if before != nil {
		// What cannot be written any more has never been.
		out.before, _ = vvp.Spec(before.Spec)
		out.labels[1], out.annotations[1] = before.Labels, before.Annotations
	}
	return out, nil
}

// in returns a deployment with what is wanted in it. What others have stays, and the desired
// state too.
func (w wanted) in(deployment object) object {
	out := copied(deployment)
	live := specOf(out)
	spec := flink.Overlay(live, w.before, w.inWordsOf(deployment))
	if state := live["state"]; state != nil {
		spec["state"] = state
	}
	out["spec"] = spec
	metadata, _ := out["metadata"].(flink.Tree)
	metadata["labels"] = merged(texts(deployment, "metadata", "labels"), w.labels[1], w.labels[0])
	metadata["annotations"] = merged(texts(deployment, "metadata", "annotations"), w.annotations[1], w.annotations[0])
	out["metadata"] = metadata
	note(out, vvp.AnnotationSaid, w.said)
	return out
}

// inWordsOf is what is wanted in the words of a deployment, where they mean the same: the platform
// compares texts, and starts another job for "1g" in place of "1G".
func (w wanted) inWordsOf(deployment object) flink.Tree {
	if w.words == nil {
		return w.spec
	}
	typed, err := flink.SpecOf(flink.Keep(vvp.Live(deployment), w.words))
	if err != nil {
		return w.spec
	}
	spec, err := vvp.Spec(typed)
	if err != nil {
		return w.spec
	}
	return spec
}

// copied returns a deployment whose metadata and spec may be changed.
func copied(deployment object) object {
	out := maps.Clone(deployment)
	delete(out, "status")
	metadata, _ := out["metadata"].(flink.Tree)
	out["metadata"] = maps.Clone(metadata)
	specOf(out)
	return out
}

// merged are values beside those of others, without what was said before.
func merged(live, before, now map[string]string) flink.Tree {
	out := flink.Tree{}
	for key, value := range live {
		if _, said := before[key]; !said {
			out[key] = value
		}
	}
	for key, value := range now {
		out[key] = value
	}
	return out
}

// note writes an annotation of the provider's own, or takes it away where the text is empty.
func note(deployment object, key, value string) {
	metadata, _ := deployment["metadata"].(flink.Tree)
	annotations, _ := metadata["annotations"].(flink.Tree)
	annotations = maps.Clone(annotations)
	if annotations == nil {
		annotations = flink.Tree{}
	}
	if value == "" {
		delete(annotations, key)
	} else {
		annotations[key] = value
	}
	metadata["annotations"] = annotations
}

// specOf returns a copy of the spec of a deployment that may be changed.
func specOf(deployment object) flink.Tree {
	spec, _ := deployment["spec"].(flink.Tree)
	spec = maps.Clone(spec)
	if spec == nil {
		spec = flink.Tree{}
	}
	deployment["spec"] = spec
	return spec
}

// retries bounds how often a write is tried again that met another one.
const retries = 5

// change is changeOf of a deployment.
func (c *Client) change(ctx context.Context, ref platform.Ref, id string, edit func(deployment object) object) (object, error) {
	return c.changeOf(ctx, deployments, ref, id, edit)
}

// changeOf makes a change of an object of an id: it reads, has the change made, and puts the
// whole document back, so that fields of newer servers stay. It is made anew where somebody else
// wrote meanwhile. A document that stays as it is is not written.
func (c *Client) changeOf(ctx context.Context, collection string, ref platform.Ref, id string, edit func(of object) object) (object, error) {
	for try := 1; ; try++ {
		live, err := c.sameOf(ctx, collection, ref, id)
		if err != nil {
			return nil, err
		}
		next := edit(live)
		if unchanged(live, next) {
			return live, nil
		}
		written, err := c.put(ctx, collection, ref, next)
		if rest.Code(err) != http.StatusConflict || try == retries {
			return written, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
}

// pause waits a while before a write is tried again.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(time.Duration(try) * 200 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// unchanged tells whether a write would write what is there.
func unchanged(live, next object) bool {
	return reflect.DeepEqual(live["spec"], next["spec"]) && reflect.DeepEqual(strip(live), strip(next))
}

// strip returns the parts of the metadata that a write can change; an empty map is none.
func strip(deployment object) [2]map[string]string {
	return [2]map[string]string{texts(deployment, "metadata", "labels"), texts(deployment, "metadata", "annotations")}
}

// same is sameOf of a deployment.
func (c *Client) same(ctx context.Context, ref platform.Ref, id string) (object, error) {
	return c.sameOf(ctx, deployments, ref, id)
}

// sameOf returns an object as the server has it now. *platform.OtherObjectError: it is not the
// one with the id; empty for any.
func (c *Client) sameOf(ctx context.Context, collection string, ref platform.Ref, id string) (object, error) {
	live, err := c.get(ctx, ref.Namespace, collection, ref.Name)
	if err != nil {
		return nil, err
	}
	if id != "" && !slices.Contains(identities(live), id) {
		return nil, &platform.OtherObjectError{Kind: kinds[collection], Ref: ref, UID: text(live, "metadata", "id"), Planned: id, Created: text(live, "metadata", "createdAt")}
	}
	return live, nil
}

// annotationReplaces has the ids of the objects in whose place one was created: it is the same
// deployment.
const annotationReplaces = annotationPrefix + "replaces"

// longestLine is how many of these are kept. A state has one that is not older than its last
// apply.
const longestLine = 4

// identities are the ids by which an object may be known: its own, and those of what it replaces.
func identities(of object) []string {
	return append([]string{text(of, "metadata", "id")}, strings.Fields(text(of, "metadata", "annotations", annotationReplaces))...)
}

// replacing is annotationReplaces of what takes the place of an object.
func replacing(of object) string {
	all := identities(of)
	return strings.Join(all[:min(len(all), longestLine)], " ")
}

// put replaces an object, and returns it as the server has it then.
func (c *Client) put(ctx context.Context, collection string, ref platform.Ref, next object) (object, error) {
	defer c.writes(ref.Namespace, collection, ref.Name)()
	hide := hiding
	if collection == sessionClusters {
		hide = hidingOf
	}
	var written object
	err := c.do(ctx, ref.Namespace, rest.Request{Method: http.MethodPut, Path: at(ref.Namespace, collection, ref.Name), Body: next, Hide: hide(next)}, &written)
	if err != nil || written != nil {
		return written, err
	}
	return c.get(ctx, ref.Namespace, collection, ref.Name)
}

// hiding takes the values of secret keys out of a text that repeats a document.
func hiding(document object) func(string) string {
	spec := vvp.Live(document)
	return flink.Redactor{}.Scrubber(spec).Scrub
}

// protected refuses a deployment that the platform's own Kubernetes operator manages: the
// platform refuses each write of it.
func (c *Client) protected(ctx context.Context, ref platform.Ref) error {
	var told object
	if err := c.do(ctx, ref.Namespace, rest.Request{Method: http.MethodGet, Path: at(ref.Namespace, deployments, "with-cr", ref.Name)}, &told); err != nil {
		// The write itself tells what is wrong.
		logctx.From(ctx).DebugContext(ctx, "Who manages the deployment is not told", "deployment", ref.String(), "error", err.Error())
	}
	for _, key := range slices.Sorted(maps.Keys(told)) {
		if resource, isTree := told[key].(flink.Tree); key != "deployment" && isTree && len(resource) > 0 {
			return managedByOperator(ref)
		}
	}
	return nil
}

func managedByOperator(ref platform.Ref) error {
	return &platform.ExplainedError{
		Cause:  "the platform's own Kubernetes operator manages it",
		Err:    fmt.Errorf("deployment %s has a custom resource of the platform, which is the only way to change it", ref),
		Remedy: "Nothing was changed. Change the custom resource instead, or delete it so that the deployment stays, and then apply again.",
	}
}

// asProtected tells an answer by which the platform refuses to write what its operator
// manages.
func asProtected(ref platform.Ref, err error) error {
	var refused *rest.StatusError
	if errors.As(err, &refused) && (refused.Code == http.StatusForbidden || refused.Code == http.StatusConflict) &&
		strings.Contains(strings.ToLower(refused.Message), "operator") {
		return managedByOperator(ref)
	}
	return err
}
