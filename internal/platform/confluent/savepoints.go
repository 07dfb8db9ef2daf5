package confluent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// The server takes savepoints as the operator does, and shows them below their
// application. What becomes of one when its application is deleted is not
// documented. So each is detached as soon as it is completed: it is on the server
// as a path of its own then, and its files are nobody's but the user's.

// completed is the state of a savepoint that can be restored from.
const completed = "COMPLETED"

// inProgress is the state of one that is being taken.
const inProgress = "IN_PROGRESS"

type savepointSpec struct {
	Path         string `json:"path,omitempty"`
	BackoffLimit int64  `json:"backoffLimit"`
	Format       string `json:"formatType,omitempty"`
}

type savepointStatus struct {
	State    string `json:"state"`
	Path     string `json:"path"`
	Error    string `json:"error"`
	Failures int64  `json:"failures"`
	// Triggered is when it was asked for.
	Triggered string `json:"triggerTimestamp,omitempty"`
}

// savepoints are those that this client knows of, by the names that the operator's
// rules give them: the ones that it has asked for, and those of another process whose
// receipt it was shown. A switch takes another one in each process.
type savepoints struct {
	mutex sync.Mutex
	taken map[kube.Key]*taken
}

// taken is a savepoint on the server, under a name that no other ever had.
type taken struct {
	kind[savepointSpec, savepointStatus]

	ref platform.Ref
	// application is the one whose job it is of.
	application string
	// asked is the operator's object of it.
	asked *unstructured.Unstructured
	// done is the object of one that is completed and detached, nil before. The mutex
	// of all is its own.
	done *unstructured.Unstructured
}

func isSavepoint(kind kube.Kind) bool { return kind.Resource == "flinkstatesnapshots" }

func (s *savepoints) get(key kube.Key) *taken {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.taken[key]
}

// finished is taken.done.
func (s *savepoints) finished(t *taken) *unstructured.Unstructured {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return t.done
}

// finish says that a savepoint is completed and detached.
func (s *savepoints) finish(t *taken, is object[savepointSpec, savepointStatus]) *unstructured.Unstructured {
	is.Status.State = completed
	done := t.shown(is)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t.done = done
	return done
}

func (s *savepoints) put(key kube.Key, t *taken) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.taken == nil {
		s.taken = map[kube.Key]*taken{}
	}
	if t == nil {
		delete(s.taken, key)
		return
	}
	s.taken[key] = t
}

// takeSavepoint asks for a savepoint.
func (a *applications) takeSavepoint(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(object)
	application, _, _ := unstructured.NestedString(object.Object, "spec", "jobReference", "name")
	directory, _, _ := unstructured.NestedString(object.Object, "spec", "savepoint", "path")
	format, _, _ := unstructured.NestedString(object.Object, "spec", "savepoint", "formatType")
	limit, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "backoffLimit")
	t := a.taken(key.Namespace, application, key.Name+"-"+strings.ToLower(rand.Text()[:8]), object.DeepCopy())
	asked, err := t.create(ctx, t.ref, t.object(platform.Described{Ref: t.ref}, savepointSpec{directory, fko.Integer(limit), format}))
	if err != nil {
		return nil, meaning(err, "create", kind, key)
	}
	a.client.savepoints.put(key, t)
	return t.shown(asked), nil
}

// taken is the savepoint of a name that an application has on the server.
func (a *applications) taken(environment, application, name string, asked *unstructured.Unstructured) *taken {
	return &taken{
		kind: a.savepointsOf(environment, application), application: application,
		// What it is in is the application, also for messages.
		ref: platform.Ref{Namespace: environment + "/" + application, Name: name}, asked: asked,
	}
}

// savepointsOf are the savepoints of an application.
func (a *applications) savepointsOf(environment, application string) kind[savepointSpec, savepointStatus] {
	return kind[savepointSpec, savepointStatus]{
		client: a.client, name: "Savepoint", parent: applicationKind,
		in: func(string) []string {
			return at("environments", environment, "applications", application, "savepoints")
		},
		// The server may fill in what was left out.
		same: func(found, sent savepointSpec) bool { return found.Format == sent.Format || sent.Format == "" },
	}
}

// detachedSavepoints are those that belong to no application any more.
func detachedSavepoints(client *Client) kind[savepointSpec, savepointStatus] {
	return kind[savepointSpec, savepointStatus]{client: client, name: "Savepoint", in: func(string) []string { return at("detached-savepoints") }}
}

// lookAtSavepoint returns a savepoint as it is now, and detaches it when it is
// completed.
func (a *applications) lookAtSavepoint(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	all := &a.client.savepoints
	t := all.get(key)
	if t == nil {
		return nil, missing(kind, key)
	}
	if done := all.finished(t); done != nil {
		return done, nil
	}
	found, err := t.get(ctx, t.ref)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		// It was detached before, or the answer to that request was lost.
		if found, err = detachedSavepoints(a.client).get(ctx, t.ref); err == nil {
			return all.finish(t, found), nil
		}
	}
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	if found.Status.State != completed {
		return t.shown(found), nil
	}
	_, err = a.client.rest.Do(ctx, rest.Request{Method: http.MethodPost, Path: append(t.path(t.ref), "detach")})
	if err != nil {
		// The next look finds out what has become of it.
		return nil, meaning(err, "detach", kind, key)
	}
	return all.finish(t, found), nil
}

// readSavepoint returns a savepoint as it was in this refresh, and changes nothing.
// Those that are detached are in one list. One that is completed and still belongs to
// its application is not done: the next apply detaches it.
func (a *applications) readSavepoint(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	t := a.client.savepoints.get(key)
	if t == nil {
		return nil, missing(kind, key)
	}
	detached := detachedSavepoints(a.client)
	found, err := detached.read(ctx, t.ref)
	if err == nil {
		return a.client.savepoints.finish(t, found), nil
	}
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		found, err = t.get(ctx, t.ref)
	}
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		// Somebody may have detached it between the two.
		if found, err = detached.get(ctx, t.ref); err == nil {
			return a.client.savepoints.finish(t, found), nil
		}
	}
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	if found.Status.State == completed {
		found.Status.State, found.Status.Path = inProgress, ""
	}
	return t.shown(found), nil
}

// detachAll detaches the completed savepoints of an application. One whose name is
// taken by another one that is detached stays where it is.
func (a *applications) detachAll(ctx context.Context, key kube.Key) error {
	of := a.savepointsOf(key.Namespace, key.Name)
	all, err := a.client.pages(ctx, of.in(""), nil)
	if rest.Code(err) == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for name, raw := range all {
		var savepoint object[savepointSpec, savepointStatus]
		if err := json.Unmarshal(raw, &savepoint); err != nil || savepoint.Status.State != completed {
			continue
		}
		_, err := a.client.rest.Do(ctx, rest.Request{Method: http.MethodPost, Path: append(of.path(platform.Ref{Name: name}), "detach")})
		switch rest.Code(err) {
		case http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
			logctx.From(ctx).WarnContext(ctx, "A savepoint stays with its application", "savepoint", name, "error", err.Error())
		default:
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// dropSavepoint lets go of a savepoint, whose files stay when it is completed.
func (a *applications) dropSavepoint(ctx context.Context, key kube.Key) error {
	t := a.client.savepoints.get(key)
	if t == nil {
		return nil
	}
	a.client.savepoints.put(key, nil)
	if a.client.savepoints.finished(t) != nil {
		return nil
	}
	return t.remove(ctx, t.ref)
}

// uid tells a savepoint from all others, and where it is on the server.
func (t *taken) uid() types.UID { return types.UID(t.application + "/" + t.ref.Name) }

// shown returns a savepoint as the operator's object.
func (t *taken) shown(is object[savepointSpec, savepointStatus]) *unstructured.Unstructured {
	o := t.asked.DeepCopy()
	o.SetUID(t.uid())
	o.Object["status"] = map[string]any{"state": is.Status.State, "path": is.Status.Path, "error": is.Status.Error, "failures": is.Status.Failures}
	return o
}
