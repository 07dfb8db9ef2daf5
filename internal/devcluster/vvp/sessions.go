package vvp

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// stateStopped is that of a session cluster that is to be stopped, or is.
const stateStopped = "STOPPED"

// sessionClusters are clusters that several deployments share. No defaults are filled
// in.
func sessionClusters() kind {
	return kind{
		name: "SessionCluster", collection: "sessionclusters", names: strictNames, patches: true,
		shelf:  func(sp *space) *shelf { return &sp.sessions },
		valid:  validSession,
		status: func() object { return object{"state": stateStopped} },
		used: func(_ *Server, sp *space, o object) *refusal {
			for _, on := range sp.deployments.all {
				if text(part(on, "spec"), "sessionClusterName") == nameOf(o) {
					return refuse(http.StatusConflict, "SessionCluster '%s' is still referenced by Deployment '%s'.", nameOf(o), nameOf(on))
				}
			}
			if !terminal(o) {
				return refuse(http.StatusConflict, "SessionCluster '%s' cannot be deleted in state %s: it has to be %s.", nameOf(o), state(o), stateStopped)
			}
			return nil
		},
		written: func(s *Server, sp *space, o object, fresh, _ bool) {
			if fresh {
				s.follow(sp, o, &sessionCluster{})
				return
			}
			followed := sp.runs[id(o)]
			if text(part(o, "spec"), "state") == stateStopped {
				followed.interrupt()
			}
			followed.awaken()
		},
		gone: func(sp *space, o object) { sp.forget(o) },
	}
}

// terminal tells whether nothing of a session cluster runs, nor is to.
func terminal(o object) bool {
	is := state(o)
	return text(part(o, "spec"), "state") == stateStopped && (is == stateStopped || is == stateFailed)
}

// validSession refuses what a session cluster must not become.
func validSession(_ *Server, sp *space, want, last object) *refusal {
	spec := part(want, "spec")
	spec["state"] = strings.ToUpper(text(spec, "state"))
	stringify(part(spec, "flinkConfiguration"))
	numbers(spec)
	switch is := spec["state"]; {
	case is != stateRunning && is != stateStopped:
		return refuse(http.StatusBadRequest, "spec.state: '%s' is none of %s, %s", is, stateRunning, stateStopped)
	case text(spec, "deploymentTargetName") == "" && text(spec, "deploymentTargetId") == "":
		return refuse(http.StatusBadRequest, "spec.deploymentTargetName: must not be null")
	}
	for _, field := range []string{"flinkVersion", "flinkImageTag", "resources", "logging"} {
		if spec[field] == nil {
			return refuse(http.StatusBadRequest, "spec.%s: must not be null", field)
		}
	}
	if _, err := sp.kubernetesNamespace(spec); err != nil {
		return refuse(http.StatusBadRequest, "%s", err)
	}
	if refused := resourcesOf("spec", spec); refused != nil || last == nil {
		return refused
	}
	before := part(last, "spec")
	if !terminal(last) {
		fixed := func(spec object) object {
			out := clone(spec)
			delete(out, "state")
			delete(out, "numberOfTaskManagers")
			return out
		}
		if !reflect.DeepEqual(fixed(before), fixed(spec)) {
			return refuse(http.StatusConflict, "SessionCluster '%s' is %s: only the state and the number of TaskManagers can be changed until it is %s.", nameOf(last), state(last), stateStopped)
		}
	}
	if text(before, "state") == stateRunning && spec["state"] == stateStopped {
		for _, on := range sp.deployments.all {
			if text(part(on, "spec"), "sessionClusterName") != nameOf(last) {
				continue
			}
			if is := state(on); is == stateRunning || is == stateTransitioning {
				return refuse(http.StatusConflict, "SessionCluster '%s' cannot be stopped: Deployment '%s' is %s.", nameOf(last), nameOf(on), is)
			}
		}
	}
	return nil
}

// sessionCluster follows a session cluster.
type sessionCluster struct {
	// runs is the specification that it runs with, nil for none.
	runs object
}

// next implements follower.
func (c *sessionCluster) next(s *Server, r *run) func(context.Context) {
	desired, is := text(part(r.o, "spec"), "state"), state(r.o)
	switch {
	case desired == stateStopped && is != stateStopped:
		return func(ctx context.Context) {
			cluster := c.show(s, r, "STOPPING")
			if err := s.World.StopCluster(ctx, cluster); err != nil {
				c.fail(s, r, err)
				return
			}
			s.locked(func() {
				c.runs = nil
				r.o["status"] = object{"state": stateStopped}
				touch(r.o)
			})
		}
	case desired == stateRunning && is == stateStopped:
		return func(ctx context.Context) { c.run(ctx, s, r, "STARTING") }
	case desired == stateRunning && is == stateRunning && !reflect.DeepEqual(c.sizing(r.o), c.runs):
		return func(ctx context.Context) { c.run(ctx, s, r, "UPDATING") }
	}
	return nil
}

// sizing is what of a specification may change while the cluster runs.
func (c *sessionCluster) sizing(o object) object {
	return object{"numberOfTaskManagers": number(part(o, "spec"), "numberOfTaskManagers", 0)}
}

// run brings the cluster up, or to what it is to be now.
func (c *sessionCluster) run(ctx context.Context, s *Server, r *run, state string) {
	starting, cancel := context.WithCancel(ctx)
	defer cancel()
	cluster := c.show(s, r, state)
	var sizing object
	s.locked(func() {
		sizing = c.sizing(object{"spec": cluster.Spec})
		r.starting = cancel
	})
	err := s.World.StartCluster(starting, cluster)
	s.locked(func() { r.starting = nil })
	if err != nil {
		c.fail(s, r, err)
		return
	}
	s.locked(func() {
		c.runs = sizing
		running := maps.Clone(part(r.o, "status", "running"))
		if running == nil {
			running = object{"startedAt": now()}
		}
		running["lastUpdateTime"] = now()
		r.o["status"] = object{"state": stateRunning, "running": running}
		touch(r.o)
	})
}

// show shows a state on the way, and returns the cluster for the world.
func (c *sessionCluster) show(s *Server, r *run, state string) Cluster {
	s.mu.Lock()
	defer s.mu.Unlock()
	running := part(r.o, "status", "running")
	r.o["status"] = object{"state": state}
	if running != nil && state == "UPDATING" {
		part(r.o, "status")["running"] = running
	}
	touch(r.o)
	return c.of(r)
}

func (c *sessionCluster) of(r *run) Cluster {
	// The target is there: it cannot go before what refers to it.
	namespace, _ := r.sp.kubernetesNamespace(part(r.o, "spec"))
	return Cluster{ID: id(r.o), Name: nameOf(r.o), Namespace: namespace, Spec: clone(part(r.o, "spec")), Annotations: clone(part(r.o, "metadata", "annotations"))}
}

func (c *sessionCluster) fail(s *Server, r *run, err error) {
	s.locked(func() {
		r.o["status"] = object{"state": stateFailed, "failure": object{"message": err.Error(), "reason": "ClusterFailed", "failedAt": time.Now().UTC().Format(time.RFC3339)}}
		touch(r.o)
	})
}

// observe implements follower: a session cluster is seen by its jobs alone.
func (c *sessionCluster) observe(context.Context, *Server, *run) {}

// abandon implements follower.
func (c *sessionCluster) abandon(ctx context.Context, s *Server, r *run) {
	var cluster Cluster
	s.locked(func() { cluster = c.of(r) })
	_ = s.World.StopCluster(ctx, cluster)
}
