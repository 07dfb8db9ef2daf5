package standin_test

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// compareFields expects the fields of each object's last recorded status, and no
// others.
func (r *replayer) compareFields(steps []step) {
	last := map[string]record{}
	for _, st := range steps {
		for _, e := range st.events {
			last[id(e.Object)] = e
		}
	}
	for key, e := range last {
		name := at(e.Object, "metadata", "name").(string)
		if e.Type == "DELETED" || operatorMade.MatchString(name) {
			continue
		}
		u, err := r.dyn.Resource(kinds[e.Object["kind"].(string)]).Namespace(r.namespace).Get(r.t.Context(), name, metav1.GetOptions{})
		if err != nil {
			r.t.Fatal(err)
		}
		want, got := fields(e.Object["status"]), fields(u.Object["status"])
		// How large the state is, only Flink knows.
		delete(want, "/clusterInfo/state-size")
		if diff := cmp.Diff(want, got); diff != "" {
			r.t.Errorf("fields of the status of %s (-recorded +stand-in):\n%s", key, diff)
		}
	}
}

// fields are the paths of all fields of a status.
func fields(v any) map[string]bool {
	out := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		m, ok := v.(object)
		if !ok {
			out[path] = true
		}
		for name, field := range m {
			walk(path+"/"+name, field)
		}
	}
	walk("", v)
	return out
}

// compareEvents waits for every Event that the operator recorded about one of the
// objects, by its type and reason.
func (r *replayer) compareEvents() {
	type said struct{ Object, Type, Reason string }
	missing := map[said]string{}
	for _, e := range r.scenario.events {
		o := e["involvedObject"].(object)
		s := said{fmt.Sprint(o["kind"], "/", o["name"]), fmt.Sprint(e["type"]), fmt.Sprint(e["reason"])}
		// Finding 46 again: the passing failure is not for us to repeat.
		if r.scenario.used[s.Object] && s.Reason != "ClusterDeploymentException" {
			missing[s] = fmt.Sprint(e["message"])
		}
	}
	for deadline := time.Now().Add(patience); len(missing) > 0; time.Sleep(speed) {
		list, err := r.dyn.Resource(events).Namespace(r.namespace).List(r.t.Context(), metav1.ListOptions{})
		if err != nil {
			r.t.Fatal(err)
		}
		for _, e := range list.Items {
			o := e.Object["involvedObject"].(object)
			delete(missing, said{fmt.Sprint(o["kind"], "/", o["name"]), fmt.Sprint(e.Object["type"]), fmt.Sprint(e.Object["reason"])})
		}
		if time.Now().After(deadline) {
			break
		}
	}
	for s, message := range missing {
		r.t.Errorf("the operator said %+v (%s), the stand-in did not", s, message)
	}
}
