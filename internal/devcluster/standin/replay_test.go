package standin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// TestReplay sends the writes of every recorded timeline to the stand-in and
// compares what the status went through with what the real operator's did.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.15", "1.7"} {
		all := scenarios(t, version)
		if len(all) == 0 {
			t.Fatalf("no timelines of operator %s", version)
		}
		for _, s := range all {
			t.Run(version+"/"+s.name, func(t *testing.T) {
				c := cluster(t, version)
				t.Parallel()
				replay(t, c, s)
			})
		}
	}
}

func replay(t *testing.T, c *testCluster, s scenario) {
	t.Helper()
	r := &replayer{testCluster: c, t: t, namespace: c.namespace(t), scenario: s}
	r.follow()
	r.prepare()
	want := map[string][]view{}
	for _, o := range s.setup {
		want[id(o)] = []view{viewOf("ADDED", o)}
	}
	r.compare("set-up", want, false)
	r.seen.begin(want)
	names := snapshotNames{}
	for i, st := range s.steps {
		if i+1 < len(s.steps) && s.steps[i+1].whileDown() {
			r.hold(s.steps[i+1].write)
		}
		r.do(st)
		if st.whileDown() {
			r.release(st.write)
		}
		for _, e := range st.events {
			key := names.of(e.Object)
			if key != "" {
				want[key] = append(want[key], viewOf(e.Type, e.Object))
			}
		}
		r.compare(st.action, want, i < len(s.steps)-1 || s.unfinished())
		if len(st.events) <= 1 || st.quiet > 8 {
			// Nothing more was to follow: give it the time to be wrong.
			time.Sleep(8 * speed)
		}
	}
	time.Sleep(8 * speed)
	r.compare("the end", want, s.unfinished())
	if !s.unfinished() {
		r.compareFields(s.steps)
	}
	r.compareEvents()
}

// replayer plays the client of one scenario.
type replayer struct {
	*testCluster
	t         *testing.T
	namespace string
	scenario  scenario
	seen      *history
}

// history collects what a watch sees.
type history struct {
	mu      sync.Mutex
	changed chan struct{}
	newest  map[string]int64 // generation last seen
	views   map[string][]view
	names   snapshotNames
	started bool
}

// snapshotNames gives the operator's snapshots names that do not depend on the
// time: the object's name, the trigger, and a count.
type snapshotNames map[string]string

func (n snapshotNames) of(o object) string {
	key := id(o)
	parts := operatorMade.FindStringSubmatch(at(o, "metadata", "name").(string))
	if parts == nil {
		return key
	}
	if n[key] == "" {
		count := 0
		for _, name := range n {
			if strings.HasPrefix(name, parts[1]+"#") {
				count++
			}
		}
		n[key] = fmt.Sprintf("%s#%d", parts[1], count)
	}
	return n[key]
}

func (h *history) add(eventType string, o object) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if operatorMade.MatchString(at(o, "metadata", "name").(string)) && !h.started {
		h.names[id(o)] = "-"
	}
	if key := h.names.of(o); key != "-" {
		h.views[key] = append(h.views[key], viewOf(eventType, o))
		h.newest[key] = number(at(o, "metadata", "generation"))
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// begin forgets what the set-up caused, except for the last state.
func (h *history) begin(want map[string][]view) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started = true
	for key := range h.names {
		h.names[key] = "-"
	}
	clean := snapshotNames{}
	for key, views := range h.views {
		if want[key] != nil {
			h.views[key] = views[len(views)-1:]
		}
	}
	for key, name := range h.names {
		if name == "-" {
			clean[key] = name
		}
	}
	h.names = clean
}

// state returns what was seen and a channel that closes with the next change.
func (h *history) state() (map[string][]view, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string][]view{}
	for key, views := range h.views {
		out[key] = essential(slices.Clone(views))
	}
	return out, h.changed
}

func (h *history) generation(key string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest[key]
}

func (r *replayer) follow() {
	r.seen = &history{changed: make(chan struct{}), newest: map[string]int64{}, views: map[string][]view{}, names: snapshotNames{}}
	ctx, cancel := context.WithCancel(context.Background())
	r.t.Cleanup(cancel)
	for _, gvr := range kinds {
		if (gvr == snapshots || gvr == blueGreens) && r.scenario.version == "1.7" {
			continue
		}
		w, err := r.dyn.Resource(gvr).Namespace(r.namespace).Watch(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			r.t.Fatal(err)
		}
		go func() {
			for e := range w.ResultChan() {
				if u, ok := e.Object.(*unstructured.Unstructured); ok {
					r.seen.add(string(e.Type), u.Object)
				}
			}
		}()
	}
}

// compare waits until the stand-in's status went through what was recorded. In
// the middle of a scenario one object may be ahead of the recording.
func (r *replayer) compare(when string, want map[string][]view, ahead bool) {
	r.t.Helper()
	reduced := map[string][]view{}
	for key, views := range want {
		reduced[key] = essential(slices.Clone(views))
	}
	deadline := time.After(patience)
	for {
		got, changed := r.seen.state()
		if !r.seen.started {
			for key, views := range got {
				got[key] = views[len(views)-1:]
			}
		}
		if cmp.Equal(reduced, got) || (ahead && beginsWith(got, reduced)) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.t.Fatalf("after %q (-recorded +stand-in):\n%s", when, cmp.Diff(reduced, got))
		}
	}
}

func beginsWith(got, want map[string][]view) bool {
	for key, views := range want {
		if len(got[key]) < len(views) || !slices.Equal(got[key][:len(views)], views) {
			return false
		}
	}
	return true
}

// prepare creates what was there before the scenario. An object that had been
// upgraded before is upgraded here as well, since that shows in its modes.
func (r *replayer) prepare() {
	// Clusters before the session jobs that run on them.
	slices.SortStableFunc(r.scenario.setup, func(a, b object) int { return strings.Compare(id(a), id(b)) })
	for _, o := range r.scenario.setup {
		kind := o["kind"].(string)
		if kind == "FlinkBlueGreenDeployment" {
			r.prepareBlueGreen(o)
			continue
		}
		if at(o, "metadata", "ownerReferences") != nil {
			continue
		}
		recorded := clone(o["spec"].(object))
		earlier := clone(recorded)
		upgraded := false
		if text, _ := at(o, "status", "reconciliationStatus", "lastReconciledSpec").(string); strings.Contains(text, `"firstDeployment":false`) {
			upgraded = true
			if kind == "FlinkSessionJob" {
				earlier["job"].(object)["parallelism"] = int64(7)
			} else {
				earlier["image"] = "flink:earlier"
			}
		}
		if job, ok := earlier["job"].(object); ok && upgraded && recorded["job"].(object)["args"] != nil {
			job["args"] = []any{}
		}
		r.send(&write{verb: "create", object: object{"apiVersion": o["apiVersion"], "kind": kind, "metadata": object{"name": at(o, "metadata", "name")}, "spec": earlier}})
		r.settled(id(o), 1)
		if upgraded {
			next := clone(o)
			next["spec"] = recorded
			r.send(&write{verb: "update", object: next})
			r.settled(id(o), 2)
		}
	}
}

// settled waits until an object runs at a generation, or a later one.
func (r *replayer) settled(key string, generation int64) {
	r.t.Helper()
	r.until("set-up: "+key+" runs", func(seen map[string][]view) bool {
		views := seen[key]
		if len(views) == 0 || r.seen.generation(key) < generation {
			return false
		}
		v := views[len(views)-1]
		switch {
		case v.Generation != "current":
			return false
		case strings.HasPrefix(v.Lifecycle, "ACTIVE_"):
			return v.Job == "RUNNING" || v.Job == "SUSPENDED"
		case v.Lifecycle == "STABLE":
			return (v.Job == "RUNNING" || v.Job == "FINISHED" || v.Job == "") && (v.JobManager == "READY" || v.JobManager == "")
		}
		return false
	})
}

// until waits for what the watch has to see.
func (r *replayer) until(what string, reached func(seen map[string][]view) bool) {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		got, changed := r.seen.state()
		if reached(got) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.t.Fatalf("%s: not seen in %+v", what, got)
		}
	}
}

// do performs the write of a step.
func (r *replayer) do(st step) {
	r.t.Helper()
	ctx, ns := r.t.Context(), r.namespace
	var err error
	switch {
	case strings.HasPrefix(st.action, "delete pods of"):
		err = r.dyn.Resource(pods).Namespace(ns).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	case strings.HasPrefix(st.action, "delete the job manager's apps/v1 Deployment"):
		err = r.dyn.Resource(apps).Namespace(ns).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	case strings.HasPrefix(st.action, "patch apps/v1 Deployment"):
		name := strings.Fields(st.action)[3]
		late := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		_, err = r.dyn.Resource(apps).Namespace(ns).Patch(ctx, name, types.MergePatchType,
			[]byte(`{"status":{"conditions":[{"type":"Available","status":"False","lastTransitionTime":"`+late+`"}]}}`), metav1.PatchOptions{}, "status")
	case strings.Contains(st.action, "metadata.finalizers removed"):
		name := strings.TrimSuffix(strings.Fields(st.action)[2], ":")
		_, err = r.dyn.Resource(snapshots).Namespace(ns).Patch(ctx, name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	case st.write == nil:
		err = fmt.Errorf("no write found")
	default:
		r.send(st.write)
	}
	if err != nil {
		r.t.Fatalf("%s: %v", st.action, err)
	}
}

func (r *replayer) send(w *write) {
	r.t.Helper()
	kind, name := w.object["kind"].(string), at(w.object, "metadata", "name").(string)
	client := r.dyn.Resource(kinds[kind]).Namespace(r.namespace)
	annotations := r.faults(kind, name, w)
	if kind == "FlinkBlueGreenDeployment" {
		w = unhurried(w)
	}
	var err error
	switch w.verb {
	case "create":
		u := &unstructured.Unstructured{Object: object{
			"apiVersion": w.object["apiVersion"], "kind": kind, "metadata": object{"name": name, "annotations": annotations}, "spec": w.object["spec"],
		}}
		_, err = client.Create(r.t.Context(), u, metav1.CreateOptions{})
	case "delete":
		err = client.Delete(r.t.Context(), name, metav1.DeleteOptions{})
	case "update":
		var u *unstructured.Unstructured
		for {
			if u, err = client.Get(r.t.Context(), name, metav1.GetOptions{}); err != nil {
				break
			}
			u.Object["spec"] = clone(w.object["spec"].(object))
			meta := u.Object["metadata"].(object)
			if labels := at(w.object, "metadata", "labels"); labels != nil {
				meta["labels"] = labels
			}
			all, _ := meta["annotations"].(object)
			if all == nil {
				all = object{}
			}
			if written, ok := at(w.object, "metadata", "annotations").(object); ok {
				maps.Copy(all, written)
			}
			maps.Copy(all, annotations)
			meta["annotations"] = all
			if _, err = client.Update(r.t.Context(), u, metav1.UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "the object has been modified") {
				break
			}
		}
	}
	if err != nil {
		r.t.Fatalf("%s %s: %v", w.verb, id(w.object), err)
	}
}

// faults derives from the recorded object what the cluster of the recording did
// to it by chance.
func (r *replayer) faults(kind, name string, w *write) object {
	out := object{"standin.flink/held": "false"}
	for _, st := range r.scenario.steps {
		if strings.HasPrefix(st.action, "patch apps/v1 Deployment") {
			return out
		}
	}
	for _, st := range r.scenario.steps {
		if st.write == w && w.verb == "update" && interrupted(st) {
			// The next write comes while the JobManager starts, and ends this.
			out["standin.flink/held"] = "true"
		}
		for _, e := range st.events {
			text, _ := at(e.Object, "status", "error").(string)
			prefix := "standin.flink/"
			switch {
			case id(e.Object) == kind+"/"+name:
			case kind == "FlinkBlueGreenDeployment" && at(e.Object, "metadata", "ownerReferences") != nil:
				prefix += strings.ToLower(at(e.Object, "metadata", "labels", "flink/blue-green-deployment-type").(string)) + "-"
			default:
				continue
			}
			if strings.Contains(text, `"FailedMount"`) && st.write != nil && st.write == w {
				out[prefix+"first-start-mount-error"] = "true"
			}
			if strings.Contains(text, "Manual restore required") && at(e.Object, "status", "jobManagerDeploymentStatus") == "ERROR" {
				out[prefix+"manual-restore"] = "true"
			}
		}
	}
	return out
}

// interrupted reports whether a step ended in the middle of a healthy start.
func interrupted(st step) bool {
	if len(st.events) == 0 {
		return false
	}
	last := viewOf("", st.events[len(st.events)-1].Object)
	return last.JobManager == "DEPLOYING" && last.Error == "" && last.Lifecycle == "DEPLOYED"
}

func clone(o object) object {
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	u := &unstructured.Unstructured{}
	wrapped := append([]byte(`{"apiVersion":"v1","kind":"x","o":`), append(raw, '}')...)
	if err := u.UnmarshalJSON(wrapped); err != nil {
		panic(err)
	}
	return u.Object["o"].(object)
}
