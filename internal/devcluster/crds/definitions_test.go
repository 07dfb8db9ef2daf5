package crds

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	core "k8s.io/api/core/v1"
)

// TestDefinitionsByRelease checks what came with which release, by the operator's release notes.
func TestDefinitionsByRelease(t *testing.T) {
	const deployment, sessionJob = "FlinkDeployment", "FlinkSessionJob"
	tests := []struct {
		kind, path string
		// versions have the field.
		versions []string
	}{
		{deployment, "spec.job.upgradeMode", []string{"1.7", "1.15", "1.16"}},
		{deployment, "spec.flinkConfiguration{}", []string{"1.7"}},
		{sessionJob, "spec.flinkConfiguration{}", []string{"1.7"}},
		{deployment, "spec.ingress.tls[].hosts", []string{"1.15", "1.16"}},
		{deployment, "spec.job.savepointRedeployNonce", []string{"1.15", "1.16"}},
		{deployment, "spec.job.autoscalerResetNonce", []string{"1.15", "1.16"}},
		{deployment, "spec.jobManager.resources.requests{}", []string{"1.16"}},
		{deployment, "spec.taskManager.resources.claims[].name", []string{"1.16"}},
		{deployment, "status.observedGeneration", []string{"1.15", "1.16"}},
		{sessionJob, "status.observedGeneration", []string{"1.15", "1.16"}},
		{deployment, "status.conditions[].reason", []string{"1.15", "1.16"}},
		{sessionJob, "status.conditions", nil},
		{deployment, "status.jobStatus.upgradeSavepointPath", []string{"1.15", "1.16"}},
		{"FlinkStateSnapshot", "spec.savepoint.disposeOnDelete", []string{"1.15", "1.16"}},
		{"FlinkBlueGreenDeployment", "spec.template.spec.job.jarURI", []string{"1.15", "1.16"}},
		{deployment, "spec.podTemplate.spec.containers[].image", []string{"1.7", "1.15", "1.16"}},
		{deployment, "spec.podTemplate.spec.hostnameOverride", []string{"1.16"}},
	}
	fields := map[string]map[string]map[string]string{}
	for _, version := range Versions() {
		definitions, err := Definitions(version)
		if err != nil {
			t.Fatal(err)
		}
		fields[version] = map[string]map[string]string{}
		for _, definition := range definitions {
			fields[version][definition.Spec.Names.Kind] = flatten(definition)
		}
	}
	for _, test := range tests {
		t.Run(test.kind+" "+test.path, func(t *testing.T) {
			var versions []string
			for _, version := range Versions() {
				if _, ok := fields[version][test.kind][Version+"."+test.path]; ok {
					versions = append(versions, version)
				}
			}
			if diff := cmp.Diff(test.versions, versions); diff != "" {
				t.Errorf("versions that should (-) and do (+) have the field:\n%s", diff)
			}
		})
	}
}

func TestFlinkVersions(t *testing.T) {
	for version, newest := range map[string]string{"1.7": "v1_19", "1.15": "v2_2", "1.16": "v2_4"} {
		r, err := parseRelease(version)
		if err != nil {
			t.Fatal(err)
		}
		values := flinkVersion(r).Enum
		if got := string(values[len(values)-1].Raw); got != `"`+newest+`"` {
			t.Errorf("operator %s knows Flink up to %s, want %s", version, got, newest)
		}
	}
}

func TestUnknownVersion(t *testing.T) {
	_, err := Definitions("1.6")
	if err == nil || !strings.Contains(err.Error(), "1.7, 1.15, 1.16") {
		t.Errorf("got the error %v, want one that names the versions there are", err)
	}
}

// TestPodFieldsExist finds names in podFields that no Kubernetes type has.
func TestPodFieldsExist(t *testing.T) {
	existing := map[string]bool{}
	var collect func(reflect.Type)
	collect = func(t reflect.Type) {
		switch t.Kind() { //nolint:exhaustive // scalars have no fields
		case reflect.Pointer, reflect.Slice, reflect.Map:
			collect(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
				existing[t.Name()+"."+name] = true
				collect(t.Field(i).Type)
			}
		}
	}
	collect(reflect.TypeFor[core.Pod]())
	for field := range podFields {
		if !existing[field] {
			t.Errorf("no type of Kubernetes has the field %s", field)
		}
	}
}
