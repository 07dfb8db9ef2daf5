package operator

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestAdvise is about the age of the operator; what each says is tested with its words.
func TestAdvise(t *testing.T) {
	const conditions = "FlinkDeployment.status.conditions"
	job := platform.Deployment{
		Ref:  platform.Ref{Namespace: "prod", Name: "orders"},
		Spec: flink.DeploymentSpec{DeploymentName: new("shared"), Job: &flink.Job{JarURI: new("local:///a.jar")}},
	}
	for name, test := range map[string]struct {
		fields map[string]bool
		want   string
	}{
		"not known":   {nil, ""},
		"before 1.15": {map[string]bool{conditions: false}, "CVE-2026-40564"},
		"since 1.15":  {map[string]bool{conditions: true}, "fetches no JAR files by local"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fields = test.fields
			findings := newExplained(NewSavepoints(f), NewSessionJobs(f, Options{})).Advise(t.Context(), job)
			if (len(findings) == 1) != (test.want != "") || len(findings) > 0 && !strings.Contains(findings[0].Summary, test.want) {
				t.Errorf("%+v, want one with %q", findings, test.want)
			}
			if others := NewApplications(f, Options{}); others.single.Advise(t.Context(), job) != nil {
				t.Error("it advises on deployments")
			}
			if len(f.calls) > 0 {
				t.Errorf("it called %v", f.calls)
			}
		})
	}
}
