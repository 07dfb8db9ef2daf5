package ververica

import (
	"context"
	"errors"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
)

// sessions are the session clusters of the platform. It implements platform.Deployments and
// platform.Inspector.
type sessions struct{ client *Client }

// Read implements platform.Deployments.
func (s sessions) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := s.client.read(ctx, ref.Namespace, sessionClusters, ref.Name)
	if err != nil {
		return nil, err
	}
	return observedSession(ref, found), nil
}

// Import implements platform.Deployments.
func (s sessions) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := s.client.get(ctx, ref.Namespace, sessionClusters, ref.Name)
	if err != nil {
		return nil, err
	}
	observed := observedSession(ref, found)
	observed.Applied = text(found, "metadata", "annotations", written.MarkAnnotation) != ""
	observed.Spec = vvp.SessionImported(vvp.Whole(found))
	s.client.unplaced(ctx, ref.Namespace, observed.Spec)
	return observed, nil
}

// observedSession returns a session cluster as the platform has it, with what a change that goes
// on has asked for.
func observedSession(ref platform.Ref, live object) *platform.Observed {
	whole := vvp.Whole(live)
	mark, unfinished := vvp.SessionMarkOf(live)
	observed := &platform.Observed{
		Ref: ref, UID: text(live, "metadata", "id"), Generation: vvp.Version(live), Labels: texts(live, "metadata", "labels"),
		Annotations: theirs(texts(live, "metadata", "annotations")), Spec: vvp.SessionBack(whole), Status: vvp.SessionStatus(live),
		RolledOut: !unfinished && vvp.Desired(live) == vvp.StateRunning && vvp.State(live) == vvp.StateRunning,
	}
	if unfinished {
		observed.Unfinished, observed.Written = planner.Action(mark.Action), wholeSpec(observed.Spec, observed.Labels, observed.Annotations)
	}
	return observed
}

// Check implements platform.Deployments: the server does not check without writing.
func (sessions) Check(context.Context, platform.Deployment, bool) error { return nil }

// Inspect implements platform.Inspector: a session cluster has no job of its own.
func (sessions) Inspect(context.Context, *platform.Observed) platform.JobDetails {
	return platform.JobDetails{}
}

// Begin implements platform.Deployments.
func (s sessions) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	if err := s.client.require(ctx, change.Namespace); err != nil {
		return nil, err
	}
	if change.Was == nil {
		return s.create(ctx, change)
	}
	live, err := s.same(ctx, change.Ref, change.Was.UID)
	switch {
	case err != nil:
		return nil, err
	case change.Begun:
		return s.goOn(change, live), nil
	}
	want, err := sessionWanted(change.Deployment, change.Was)
	if err != nil {
		return nil, err
	}
	begun, err := s.write(ctx, change, live, want)
	if err != nil {
		return nil, err
	}
	return begun, nil
}

// goOn is the rest of a change that an earlier apply has written.
func (s sessions) goOn(change platform.Change, live object) *sessionRollout {
	mark, unfinished := vvp.SessionMarkOf(live)
	r := s.begun(change, live, mark)
	r.over = !unfinished && vvp.Desired(live) != vvp.StateRunning
	return r
}

// begun returns what is left to do about a change that was written.
func (s sessions) begun(change platform.Change, live object, mark vvp.SessionMark) *sessionRollout {
	return &sessionRollout{
		sessions: s, change: change, id: text(live, "metadata", "id"), mark: mark, live: live,
		observed: observedSession(change.Ref, live), began: time.Now(),
	}
}

// sessionWish is what a session cluster shall be.
type sessionWish struct {
	wanted
	restart string
}

// sessionWanted translates what a change wants; before may be nil.
func sessionWanted(want platform.Deployment, before *platform.Was) (sessionWish, error) {
	spec, err := vvp.Session(want.Spec)
	if err != nil {
		return sessionWish{}, err
	}
	said, err := vvp.Said(want.Spec)
	if err != nil {
		return sessionWish{}, err
	}
	out := sessionWish{restart: vvp.SessionRestart(want.Spec), wanted: wanted{
		spec: spec, said: said, labels: [2]map[string]string{want.Labels}, annotations: [2]map[string]string{want.Annotations},
	}}
	if before != nil {
		// What cannot be written any more has never been.
		out.before, _ = vvp.Session(before.Spec)
		out.labels[1], out.annotations[1] = before.Labels, before.Annotations
	}
	return out, nil
}

// in returns a session cluster with what is wanted in it, and no mark of a change.
func (w sessionWish) in(cluster object) object {
	next := w.wanted.in(cluster)
	specOf(next)["state"] = vvp.StateRunning
	note(next, vvp.AnnotationRestart, w.restart)
	note(next, vvp.AnnotationUnfinished, "")
	return next
}

// create creates a session cluster, or goes on with a create of the same specification that was
// killed.
func (s sessions) create(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	want, err := sessionWanted(change.Deployment, nil)
	if err != nil {
		return nil, err
	}
	document := want.in(object{"kind": kinds[sessionClusters], "apiVersion": apiVersion, "metadata": object{"name": change.Name, "namespace": change.Namespace}})
	if err := s.client.place(ctx, change.Namespace, specOf(document)); err != nil {
		return nil, err
	}
	mark := vvp.SessionMark{Action: string(planner.ActionCreate), By: s.client.identity}
	note(document, vvp.AnnotationUnfinished, mark.String())
	created, err := s.client.create(ctx, key{change.Namespace, sessionClusters, change.Name}, document, hidingOf(document))
	if exists := (*platform.ExistsError)(nil); errors.As(err, &exists) {
		created, err = s.inherit(ctx, change, document, exists)
	}
	if err != nil {
		return nil, err
	}
	return s.begun(change, created, mark), nil
}

// inherit goes on with a create of the same specification that was killed. What is there for
// another reason stays an *platform.ExistsError.
func (s sessions) inherit(ctx context.Context, change platform.Change, document object, exists *platform.ExistsError) (object, error) {
	live, err := s.client.get(ctx, change.Namespace, sessionClusters, change.Name)
	if err != nil {
		return nil, err
	}
	mark, unfinished := vvp.SessionMarkOf(live)
	is, wants := part(live, "spec"), part(document, "spec")
	switch {
	case !unfinished || mark.Action != string(planner.ActionCreate):
		return nil, exists
	case mark.By == s.client.identity:
		return nil, &platform.BegunError{Here: true, Err: exists.Err}
	case len(flink.MergePatch(is, flink.Overlay(is, nil, wants))) > 0:
		return nil, exists
	}
	return s.change(ctx, change.Ref, text(live, "metadata", "id"), func(cluster object) object {
		next := copied(cluster)
		note(next, vvp.AnnotationUnfinished, text(document, "metadata", "annotations", vvp.AnnotationUnfinished))
		return next
	})
}

// hidingOf takes the values of secret keys out of a text that repeats a session cluster.
func hidingOf(cluster object) func(string) string {
	return flink.Redactor{}.Scrubber(vvp.SessionBack(vvp.Whole(cluster))).Scrub
}
