package vvp_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
)

// shared is a session cluster with all that the platform needs.
func shared() flink.DeploymentSpec {
	return flink.DeploymentSpec{
		Image: new("registry.example.com/flink:1.20.1"), FlinkVersion: new("v1_20"),
		FlinkConfiguration: flink.Configuration{"taskmanager.numberOfTaskSlots": new("4")},
		JobManager:         &flink.JobManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("1g")}},
		TaskManager:        &flink.TaskManager{Replicas: new(int64(2)), Resource: &flink.Resource{CPU: new(0.5), Memory: new("2g")}},
	}
}

// document is a SessionCluster of a specification.
func document(t *testing.T, spec flink.DeploymentSpec) flink.Tree {
	t.Helper()
	inside, err := vvp.Session(spec)
	if err != nil {
		t.Fatal(err)
	}
	annotations := flink.Tree{}
	if restart := vvp.SessionRestart(spec); restart != "" {
		annotations[vvp.AnnotationRestart] = restart
	}
	said, err := vvp.Said(spec)
	if err != nil {
		t.Fatal(err)
	}
	if said != "" {
		annotations[vvp.AnnotationSaid] = said
	}
	return flink.Tree{"metadata": flink.Tree{"annotations": annotations}, "spec": inside}
}

func TestSession(t *testing.T) {
	got, err := vvp.Session(shared())
	if err != nil {
		t.Fatal(err)
	}
	want := flink.Tree{
		"state": "RUNNING", "flinkVersion": "1.20",
		"flinkImageRegistry": "registry.example.com", "flinkImageRepository": "flink", "flinkImageTag": "1.20.1",
		"numberOfTaskManagers": json.Number("2"),
		"resources": flink.Tree{
			"jobmanager":  flink.Tree{"cpu": json.Number("1"), "memory": "1g"},
			"taskmanager": flink.Tree{"cpu": json.Number("0.5"), "memory": "2g"},
		},
		"flinkConfiguration": flink.Tree{"taskmanager.numberOfTaskSlots": "4"},
		"logging":            flink.Tree{"loggingProfile": "default", "log4jLoggers": flink.Tree{"": "INFO"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSessionAndBack writes specifications and reads them again: what was said comes back, and
// nothing else.
func TestSessionAndBack(t *testing.T) {
	for name, change := range map[string]func(*flink.DeploymentSpec){
		"as it is":         func(*flink.DeploymentSpec) {},
		"with a restart":   func(s *flink.DeploymentSpec) { s.RestartNonce = new(int64(7)) },
		"with a target":    func(s *flink.DeploymentSpec) { s.Ververica = &flink.Ververica{DeploymentTarget: new("blue")} },
		"with its logging": func(s *flink.DeploymentSpec) { s.Ververica = logging("DEBUG") },
		"with pods": func(s *flink.DeploymentSpec) {
			s.PodTemplate = flink.Document{"metadata": flink.Tree{"labels": flink.Tree{"team": "a"}}}
			s.TaskManager.PodTemplate = flink.Document{"spec": flink.Tree{"nodeSelector": flink.Tree{"disk": "ssd"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shared()
			change(&spec)
			want, err := flink.TreeOf(spec)
			if err != nil {
				t.Fatal(err)
			}
			cluster := document(t, spec)
			for _, got := range []flink.Tree{vvp.SessionBack(cluster), vvp.SessionImported(cluster)} {
				if changes := flink.Diff(want, got); len(changes) > 0 {
					t.Errorf("came back with %+v", changes)
				}
			}
		})
	}
}

func logging(level string) *flink.Ververica {
	return &flink.Ververica{DeploymentTemplate: flink.Document{"spec": flink.Tree{
		"logging": flink.Tree{"loggingProfile": "default", "log4jLoggers": flink.Tree{"": level}},
	}}}
}

func TestWhatAnImportSaysOfASessionCluster(t *testing.T) {
	cluster := document(t, shared())
	spec, _ := cluster["spec"].(flink.Tree)
	spec["kubernetes"] = flink.Tree{"pods": flink.Tree{"nodeSelector": flink.Tree{"disk": "ssd"}}}
	got := vvp.SessionImported(cluster)["ververica"]
	want := flink.Tree{"deploymentTemplate": flink.Tree{"spec": flink.Tree{"kubernetes": flink.Tree{"pods": flink.Tree{"nodeSelector": flink.Tree{"disk": "ssd"}}}}}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatASessionClusterLacks(t *testing.T) {
	for missing, change := range map[string]func(*flink.DeploymentSpec){
		"image":                        func(s *flink.DeploymentSpec) { s.Image = nil },
		"flink_version":                func(s *flink.DeploymentSpec) { s.FlinkVersion = nil },
		"job_manager.resource.cpu":     func(s *flink.DeploymentSpec) { s.JobManager.Resource.CPU = nil },
		"job_manager.resource.memory":  func(s *flink.DeploymentSpec) { s.JobManager.Resource.Memory = nil },
		"task_manager.resource.cpu":    func(s *flink.DeploymentSpec) { s.TaskManager.Resource.CPU = nil },
		"task_manager.resource.memory": func(s *flink.DeploymentSpec) { s.TaskManager.Resource.Memory = nil },
	} {
		spec := shared()
		if findings := vvp.Validate("shared", spec); len(findings) > 0 {
			t.Fatalf("a whole one lacks %+v", findings)
		}
		change(&spec)
		findings := vvp.Validate("shared", spec)
		if len(findings) != 1 || findings[0].Path.Attribute() != missing || findings[0].Severity != flink.Error {
			t.Errorf("without %s: %+v", missing, findings)
		}
	}
}
