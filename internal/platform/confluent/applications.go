package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// applicationKind is what the API calls a deployment.
const applicationKind = "FlinkApplication"

// applications are the FlinkApplications of all environments, as the objects that the
// operator's rules are about: the server makes a FlinkDeployment of each, with the
// same specification, and shows its status. An environment is the namespace of an
// object.
//
// What else the rules know of a cluster is not there: no lists of pods, no webhook,
// no kinds beside deployments, savepoints, and notes.
type applications struct {
	kind[tree, tree]

	identity string
	// pinned tells that the savepoints that are taken through it shall be pinned.
	pinned bool
}

var _ operator.Store = (*applications)(nil)

func (c *Client) applications() *applications {
	return &applications{
		kind: kind[tree, tree]{
			client: c, name: applicationKind, parent: "Environment",
			in:      func(environment string) []string { return at("environments", environment, "applications") },
			hide:    func(spec tree) func(string) string { return flink.Redactor{}.Scrubber(flink.Tree(spec)).Scrub },
			slowest: longestFollow,
		},
		identity: c.identity,
	}
}

// isApplication tells whether a kind is the one that is kept here.
func isApplication(kind kube.Kind) bool { return kind.Resource == "flinkdeployments" }

func refOf(key kube.Key) platform.Ref { return platform.Ref{Namespace: key.Namespace, Name: key.Name} }

// missing is the operator's error for what is not there.
func missing(kind kube.Kind, key kube.Key) error {
	return &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
}

// refusal is an answer of the server with the meaning that it has for the operator's
// rules.
type refusal struct {
	error

	means error
}

// Unwrap gives both.
func (r *refusal) Unwrap() []error { return []error{r.error, r.means} }

// meaning gives an error the meaning that the operator's rules look for.
func meaning(err error, verb string, kind kube.Kind, key kube.Key) error {
	ref := kube.Ref{Kind: kind, Key: key}
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		return &kube.NotFoundError{Ref: ref}
	}
	_, unreadable := errors.AsType[*rest.UnreadableError](err)
	if unreadable || refuses(rest.Code(err)) {
		return &refusal{err, &kube.DeniedError{Ref: ref, Verb: verb, Resource: "applications", Message: err.Error()}}
	}
	return err
}

// refuses tells whether a code says that the same request will be refused for ever,
// so that no wait goes on after it.
func refuses(code int) bool {
	switch code {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return code >= http.StatusBadRequest && code < http.StatusInternalServerError
}

// Identity implements operator.Store.
func (a *applications) Identity() string { return a.identity }

// Get implements operator.Store.
func (a *applications) Get(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	switch {
	case isSavepoint(kind):
		return a.lookAtSavepoint(ctx, kind, key)
	case isNote(kind):
		return a.note(ctx, kind, key)
	case !isApplication(kind):
		return nil, missing(kind, key)
	}
	found, err := a.get(ctx, refOf(key))
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	return objectOf(key.Namespace, found), nil
}

// Read implements operator.Store: from the list of the environment, which is read
// once.
func (a *applications) Read(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	switch {
	case isSavepoint(kind):
		return a.readSavepoint(ctx, kind, key)
	case !isApplication(kind):
		return nil, missing(kind, key)
	}
	found, err := a.read(ctx, refOf(key))
	if err != nil {
		return nil, meaning(err, "list", kind, key)
	}
	return objectOf(key.Namespace, found), nil
}

// Find implements operator.Store: what the list does not have, and was not written
// since, is not there.
func (a *applications) Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	if !isApplication(kind) {
		return nil, missing(kind, key)
	}
	if !a.client.written.Has(a.key(refOf(key))) {
		all, err := a.client.list(ctx, a.in(key.Namespace))
		if _, listed := all[key.Name]; err == nil && !listed {
			return nil, missing(kind, key)
		}
	}
	return a.Read(ctx, kind, key)
}

// ValidatingWebhook implements operator.Store: the server checks nothing before it
// writes.
func (a *applications) ValidatingWebhook(context.Context, kube.Kind) string { return "" }

// HasField implements operator.Store: the server says nothing of the operator's definitions.
func (a *applications) HasField(context.Context, kube.Kind, ...string) (has, known bool) {
	return false, false
}

// Create implements operator.Store. The server's own create replaces what is there,
// so it is looked for before; and whoever else created one of this name since has
// marked it as theirs.
func (a *applications) Create(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(object)
	switch {
	case isSavepoint(kind):
		return a.takeSavepoint(ctx, kind, object)
	case !isApplication(kind):
		return nil, unsupported(kind)
	}
	existing, err := a.Get(ctx, kind, key)
	if err == nil {
		return nil, there(kind, existing)
	}
	if _, absent := errors.AsType[*kube.NotFoundError](err); !absent {
		return nil, err
	}
	if _, err := a.client.list(ctx, a.in(key.Namespace)); rest.Code(err) == http.StatusNotFound {
		return nil, a.noParent(key.Namespace)
	}
	if err := a.stranger(ctx, kind, object); err != nil {
		return nil, err
	}
	sent := object.DeepCopy()
	sent.SetGeneration(1)
	sent.SetManagedFields([]metav1.ManagedFieldsEntry{entryOf(kube.FieldManager, sent, fieldsOf(sent))})
	if _, err = a.send(ctx, sent); err != nil {
		return nil, meaning(err, "create", kind, key)
	}
	written, err := a.Get(ctx, kind, key)
	if err == nil && operator.CreationOf(written) != operator.CreationOf(sent) {
		return nil, there(kind, written)
	}
	return written, err
}

// stranger refuses to create a color beside an application with the name of the other
// one that is no color: somebody has replaced that as a whole, and its job may run.
func (a *applications) stranger(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) error {
	whole := operator.WholeOf(object)
	if whole == "" {
		return nil
	}
	color := strings.TrimPrefix(object.GetName(), whole+"-")
	other, err := a.Get(ctx, kind, kube.Key{Namespace: object.GetNamespace(), Name: whole + "-" + flink.OtherColor(color)})
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil
	}
	if err == nil && operator.WholeOf(other) != whole {
		err = there(kind, other)
	}
	return err
}

func there(kind kube.Kind, object *unstructured.Unstructured) error {
	return &kube.ExistsError{Ref: kube.Ref{Kind: kind, Key: kube.KeyOf(object)}, Managers: kube.Managers(object), Object: object}
}

// Apply implements operator.Store: what is wanted, over the object with its uid.
func (a *applications) Apply(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error) {
	switch {
	case isNote(kind):
		return a.writeNote(ctx, kind, object)
	case !isApplication(kind):
		return nil, unsupported(kind)
	}
	return a.change(ctx, kind, kube.KeyOf(object), object.GetUID(), o.DryRun, func(live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		owned := kube.OwnedFields(live, kube.FieldManager)
		if len(o.TakeOver) > 0 {
			owned = fieldsOf(live)
		}
		next := applied(live, object, owned)
		next.SetManagedFields([]metav1.ManagedFieldsEntry{entryOf(kube.FieldManager, next, fieldsOf(object))})
		return next, nil
	})
}

// MergePatch implements operator.Store.
func (a *applications) MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	switch {
	case isSavepoint(kind):
		// There is nothing about one that could be changed.
		return a.Get(ctx, kind, key)
	case !isApplication(kind):
		return nil, unsupported(kind)
	}
	metadata, _ := patch["metadata"].(map[string]any)
	uid, _ := metadata["uid"].(string)
	return a.change(ctx, kind, key, types.UID(uid), false, func(live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		return merged(live, patch)
	})
}

// merged returns an object with a JSON merge patch (RFC 7386).
func merged(live *unstructured.Unstructured, patch kube.Patch) (*unstructured.Unstructured, error) {
	before, err := json.Marshal(live.Object)
	if err != nil {
		return nil, err
	}
	change, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	after, err := jsonpatch.MergePatch(before, change)
	if err != nil {
		return nil, err
	}
	next := &unstructured.Unstructured{}
	return next, utiljson.Unmarshal(after, &next.Object)
}

// change writes what becomes of the object with a uid, or of whichever has the name.
// The server has no condition for a write, so this look is as close as it gets.
func (a *applications) change(
	ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID, dry bool, to func(live *unstructured.Unstructured) (*unstructured.Unstructured, error),
) (*unstructured.Unstructured, error) {
	live, err := a.Get(ctx, kind, key)
	switch {
	case err != nil:
		return nil, err
	case uid != "" && live.GetUID() != uid:
		return nil, missing(kind, key)
	}
	next, err := to(live)
	if err != nil || dry {
		return next, err
	}
	next.SetGeneration(live.GetGeneration())
	if !runsAlike(live, next) {
		next.SetGeneration(live.GetGeneration() + 1)
	}
	written, err := a.send(ctx, next)
	if err != nil {
		return nil, meaning(err, "update", kind, key)
	}
	return written, nil
}

// send writes an object. After a write without an answer it is looked for, and
// written again when it is not there: it is replaced as a whole, so that does no harm
// twice.
func (a *applications) send(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	ref := refOf(kube.KeyOf(object))
	defer a.writes(ref)()
	sent := applicationOf(object)
	for try := 1; ; try++ {
		answer, err := a.client.rest.Do(ctx, a.request(http.MethodPost, a.in(ref.Namespace), sent))
		if err == nil {
			written, err := a.decoded(ctx, ref, answer)
			return objectOf(ref.Namespace, written), err
		}
		if _, unknown := errors.AsType[*rest.UnknownOutcomeError](err); !unknown || try == creations {
			return nil, err
		}
		if pause(ctx, time.Duration(try)*time.Second) != nil {
			return nil, err
		}
		if found, lookup := a.get(ctx, ref); lookup == nil && maps.Equal(found.Metadata.Annotations, sent.Metadata.Annotations) {
			return objectOf(ref.Namespace, found), nil
		}
	}
}

// pause waits, or returns the error of a context that ends before.
func pause(ctx context.Context, long time.Duration) error {
	select {
	case <-time.After(long):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Delete implements operator.Store. What becomes of the savepoints of an application
// that is deleted is not documented, so those that are completed are detached before.
func (a *applications) Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	switch {
	case isSavepoint(kind):
		return meaning(a.dropSavepoint(ctx, key), "delete", kind, key)
	case isNote(kind):
		return meaning(a.client.secrets().remove(ctx, noteRef(key)), "delete", kind, key)
	case !isApplication(kind):
		return nil
	}
	live, err := a.Get(ctx, kind, key)
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent || err == nil && uid != "" && live.GetUID() != uid {
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.detachAll(ctx, key); err != nil {
		return meaning(err, "detach savepoints of", kind, key)
	}
	return meaning(a.remove(ctx, refOf(key)), "delete", kind, key)
}

// longestFollow is the longest pause between two looks at an application that
// somebody waits for. Its job may fail and be restarted within seconds.
const longestFollow = 2 * time.Second

// Follow implements operator.Store: those who follow applications of an environment
// ask together.
func (a *applications) Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change {
	there := false
	change := func(object *unstructured.Unstructured, err error) kube.Change {
		if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
			return kube.Change{Deleted: there}
		}
		there = there || err == nil
		return kube.Change{Object: object, Err: err}
	}
	if !isApplication(kind) {
		return watch.Poll(shortestPoll, longestFollow, func(ctx context.Context) kube.Change { return change(a.Get(ctx, kind, key)) })(ctx)
	}
	return watch.Map(a.waits(key.Namespace).Source(key.Name), func(news seen[tree, tree]) kube.Change {
		if news.err != nil {
			return change(nil, meaning(news.err, "get", kind, key))
		}
		return change(objectOf(key.Namespace, news.object), nil)
	})(ctx)
}

// ServiceGet implements operator.Store: the JobManager's REST API is behind the
// server's way to Flink's web interface.
func (a *applications) ServiceGet(ctx context.Context, environment, service string, _ int, path string) ([]byte, error) {
	name := strings.TrimSuffix(service, "-rest")
	body, err := a.client.flink(environment, "applications", name)(ctx, path)
	if code := rest.Code(err); code != 0 {
		return nil, &kube.ServiceError{Service: environment + "/" + name, Code: code, Body: err.Error()}
	}
	return body, err
}

// unsupported says that something can only be kept in a Kubernetes cluster.
func unsupported(kind kube.Kind) error {
	return &platform.ExplainedError{
		Cause:  product + " cannot do it",
		Err:    fmt.Errorf("%s keeps applications, and no %s beside them", product, kind.Kind),
		Remedy: "Nothing was changed.",
	}
}
