package confluent

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The server takes savepoints as the operator does, and shows them below their
// application. What becomes of one when its application is deleted is not
// documented. So each is detached as soon as it is completed: it is on the server
// as a path of its own then, and its files are nobody's but the user's.
//
// Only one that is pinned stays below its application. A pin keeps a savepoint from the
// retention of a schedule and from bulk deletes, and both are about the savepoints of
// an application: one that is detached is out of their reach, has no pin, and cannot
// be attached again. So detached and pinned are two ways to keep a savepoint, and a
// user who asks for a pin wants to find it beside the others of its application.

// completed is the state of a savepoint that can be restored from.
const completed = "COMPLETED"

// inProgress is the state of one that is being taken.
const inProgress = "IN_PROGRESS"

// askedAnnotation has the name that a savepoint was asked for by, without the ending
// that makes it one that no other has: an import finds it there.
const askedAnnotation = "flink-terraform.io/asked-for"

type savepointSpec struct {
	Path         string `json:"path,omitempty"`
	BackoffLimit int64  `json:"backoffLimit"`
	Format       string `json:"formatType,omitempty"`
	// Pinned is nil on a server that has no pins.
	Pinned *bool `json:"pinned,omitempty"`
}

func (s savepointSpec) pinned() bool { return s.Pinned != nil && *s.Pinned }

type savepointStatus struct {
	State    string `json:"state"`
	Path     string `json:"path"`
	Error    string `json:"error"`
	Failures int64  `json:"failures"`
	// Triggered is when it was asked for.
	Triggered string `json:"triggerTimestamp,omitempty"`
}

// savepoint is one as the server has it.
type savepoint = object[savepointSpec, savepointStatus]

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
	// pinned tells that it shall stay below its application, pinned, when it is
	// completed.
	pinned bool
	// location is where it is, as far as that is known. It tells the savepoint from a
	// detached one to which somebody has given the same name.
	location string

	// The mutex of all is that of what follows. done is the object of one that is
	// completed and about which nothing is left to do, nil before.
	done *unstructured.Unstructured
	// attached is what the last look has found below the application, nil for nothing.
	attached *savepoint
}

// snapshots is the operator's kind of savepoints.
var snapshots = kube.Kind{Kind: "FlinkStateSnapshot", GroupVersionResource: schema.GroupVersionResource{Resource: "flinkstatesnapshots"}}

func isSavepoint(kind kube.Kind) bool { return kind.Resource == snapshots.Resource }

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

// finish says that nothing is left to do about a savepoint that is completed.
func (s *savepoints) finish(t *taken, is savepoint) *unstructured.Unstructured {
	is.Status.State = completed
	done := t.shown(is)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t.done = done
	return done
}

// see takes note of what there is of a savepoint below its application.
func (s *savepoints) see(t *taken, is *savepoint) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t.attached = is
}

// seen is what was noted last.
func (s *savepoints) seen(t *taken) *savepoint {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return t.attached
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
	spec := savepointSpec{Path: directory, BackoffLimit: fko.Integer(limit), Format: format}
	if a.pinned {
		t.pinned, spec.Pinned = true, new(true)
	}
	is := platform.Described{Ref: t.ref, Annotations: map[string]string{askedAnnotation: key.Name}}
	asked, err := t.create(ctx, t.ref, t.object(is, spec))
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

// lookAtSavepoint returns a savepoint as it is now, and makes of one that is completed
// what shall become of it.
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
		all.see(t, nil)
		if found, err = t.detached(ctx, detachedSavepoints(a.client).get); err == nil {
			return all.finish(t, found), nil
		}
	}
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	all.see(t, &found)
	if found.Status.State != completed {
		return t.shown(found), nil
	}
	// When one of these fails, the next look finds out what has become of it.
	if found.Spec.pinned() != t.pinned {
		found.Spec.Pinned = new(t.pinned)
		if _, err := t.replace(ctx, t.ref, t.object(platform.Described{Ref: t.ref}, found.Spec)); err != nil {
			return nil, meaning(err, "pin", kind, key)
		}
	}
	if !t.pinned {
		if err := a.detach(ctx, key.Namespace, t.application, t.ref.Name, false); err != nil {
			return nil, meaning(err, "detach", kind, key)
		}
		all.see(t, nil)
	}
	return all.finish(t, found), nil
}

// detached returns the savepoint from among those that are detached.
func (t *taken) detached(ctx context.Context, look func(context.Context, platform.Ref) (savepoint, error)) (savepoint, error) {
	found, err := look(ctx, t.ref)
	if err == nil && t.location != "" && found.Status.Path != t.location {
		err = &platform.NotFoundError{Kind: t.name, Ref: t.ref}
	}
	return found, err
}

// readSavepoint returns a savepoint as it was in this refresh, and changes nothing.
// Those that are detached are in one list. One that is completed and for which an apply
// has not yet done what shall become of it counts as one that is being taken: the next
// apply goes on.
func (a *applications) readSavepoint(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	t := a.client.savepoints.get(key)
	if t == nil {
		return nil, missing(kind, key)
	}
	all := detachedSavepoints(a.client)
	if t.location != "" {
		if found, err := t.detached(ctx, all.read); err == nil {
			return a.client.savepoints.finish(t, found), nil
		}
	}
	found, err := t.get(ctx, t.ref)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		// The list may be older than what somebody has done since.
		if found, err = t.detached(ctx, all.get); err == nil {
			return a.client.savepoints.finish(t, found), nil
		}
	}
	if err != nil {
		return nil, meaning(err, "get", kind, key)
	}
	a.client.savepoints.see(t, &found)
	if found.Status.State == completed && (!t.pinned || !found.Spec.pinned()) {
		is := found
		is.Status.State, is.Status.Path = inProgress, ""
		return t.shown(is), nil
	}
	return t.shown(found), nil
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
func (t *taken) shown(is savepoint) *unstructured.Unstructured {
	o := t.asked.DeepCopy()
	o.SetUID(t.uid())
	o.Object["status"] = map[string]any{"state": is.Status.State, "path": is.Status.Path, "error": is.Status.Error, "failures": is.Status.Failures}
	return o
}
