package planner

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestReword(t *testing.T) {
	template := func(image string) flink.Document {
		return flink.Document{"spec": map[string]any{"containers": []any{map[string]any{"name": "flink-main-container", "image": image}}}}
	}
	memory := func(text string) edit {
		return func(s *flink.DeploymentSpec) { s.TaskManager.Resource.Memory = &text }
	}
	hosts := func(names ...string) edit {
		return func(s *flink.DeploymentSpec) {
			s.Ingress = &flink.Ingress{Template: new("{{name}}"), TLS: []flink.IngressTLS{{Hosts: names}}}
		}
	}
	for _, test := range []struct {
		name                string
		before, after, want []edit
	}{
		{
			name:  "memory in other words beside a change",
			after: []edit{memory("2048m"), image("b:1")}, want: []edit{image("b:1")},
		},
		{
			name:  "renamed key",
			after: []edit{without("state.checkpoints.dir"), config("execution.checkpointing.dir", "s3://flink/checkpoints"), parallelism(4)},
			want:  []edit{parallelism(4)},
		},
		{
			name:  "renamed key with another value",
			after: []edit{without("state.checkpoints.dir"), config("execution.checkpointing.dir", "s3://new")},
			want:  []edit{without("state.checkpoints.dir"), config("execution.checkpointing.dir", "s3://new")},
		},
		{
			name:  "removed key",
			after: []edit{without("high-availability.type")}, want: []edit{without("high-availability.type")},
		},
		{
			name:  "objects that come and go",
			after: []edit{func(s *flink.DeploymentSpec) { s.JobManager, s.PodTemplate = nil, template("a") }, hosts("a.example.com")},
			want:  []edit{func(s *flink.DeploymentSpec) { s.JobManager, s.PodTemplate = nil, template("a") }, hosts("a.example.com")},
		},
		{
			name:   "lists and pod templates",
			before: []edit{hosts("a", "b"), func(s *flink.DeploymentSpec) { s.PodTemplate = template("a") }},
			after:  []edit{hosts("a"), func(s *flink.DeploymentSpec) { s.PodTemplate = template("b") }},
			want:   []edit{hosts("a"), func(s *flink.DeploymentSpec) { s.PodTemplate = template("b") }},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, after, want := spec(test.before...), spec(test.after...), spec(test.want...)
			got, err := Reword(before, after)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("reworded (-want +got):\n%s", diff)
			}
			if !reflect.DeepEqual(before, spec(test.before...)) || !reflect.DeepEqual(after, spec(test.after...)) {
				t.Error("a specification was changed")
			}
		})
	}
}
