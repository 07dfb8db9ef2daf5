package vvp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// templatePath leads to the text of the platform's own words.
var templatePath = flink.Path{"ververica", "deploymentTemplate"}

// templateFindings are what is wrong inside of ververica.deployment_template.
func templateFindings(spec flink.DeploymentSpec) []flink.Finding {
	if spec.Ververica == nil || len(spec.Ververica.DeploymentTemplate) == 0 {
		return nil
	}
	var findings []flink.Finding
	own := flink.Tree(spec.Ververica.DeploymentTemplate)
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if _, isTree := own[key].(flink.Tree); !isTree || key != "metadata" && key != "spec" {
			findings = append(findings, fault(below(key), fmt.Sprintf("%q is no part of a deployment template", key), "It has the objects metadata and spec. Write the fields of the template's spec below spec.")...)
		}
	}
	findings = append(findings, artifactFindings(own)...)
	if at(own, "spec", "flinkConfiguration") != nil {
		findings = append(findings, fault(below("spec", "flinkConfiguration"), "Flink configuration belongs into flink_configuration",
			"There its values are compared by what they mean, and secrets are not shown. Move it.")...)
	}
	kubernetes, _ := at(own, "spec", "kubernetes").(flink.Tree)
	if _, options := kubernetes["pods"]; options && hasPods(spec) {
		findings = append(findings, fault(below("spec", "kubernetes", "pods"), "Pod options and pod templates exclude each other",
			"The platform takes either kubernetes.pods or pod templates, which pod_template and service_account come to. Move what pods has into pod_template, or leave pod_template and service_account out.")...)
	}
	bare := spec
	bare.Ververica = nil
	said, err := template(bare)
	if err != nil {
		return findings
	}
	// That the artifact is a JAR goes without saying, so the text may say which kind it is.
	remove(said, "spec", "artifact", "kind")
	for _, path := range overlaps(own, said, nil) {
		findings = append(findings, fault(below(path...), fmt.Sprintf("%s is said twice", path[len(path)-1]), "An attribute of the deployment says it too. Leave it out here, or there.")...)
	}
	return findings
}

// artifactFindings are what is wrong with an artifact in the platform's words.
func artifactFindings(own flink.Tree) []flink.Finding {
	artifact, _ := at(own, "spec", "artifact").(flink.Tree)
	kind, said := artifact["kind"].(string)
	needs := map[string]string{artifactJAR: "", artifactPython: "pythonArtifactUri", artifactSQL: "sqlScript"}
	field, known := needs[kind]
	switch {
	case !said:
		return nil
	case !known:
		return fault(below("spec", "artifact", "kind"), fmt.Sprintf("%q is no kind of an artifact", kind), "The platform has JAR, PYTHON and SQLSCRIPT.")
	case field != "" && artifact[field] == nil:
		return fault(below("spec", "artifact", field), "The artifact is incomplete", fmt.Sprintf("An artifact of the kind %s has the field %s.", kind, field))
	}
	return nil
}

// hasPods tells whether a specification comes to pod templates.
func hasPods(spec flink.DeploymentSpec) bool {
	templates, err := pods(spec)
	return err == nil && len(templates) > 0
}

// overlaps are the paths of the values that two trees both have.
func overlaps(a, b flink.Tree, path flink.Path) []flink.Path {
	var out []flink.Path
	for _, key := range slices.Sorted(maps.Keys(a)) {
		other, both := b[key]
		if !both {
			continue
		}
		here := append(slices.Clone(path), key)
		inside, isTree := a[key].(flink.Tree)
		within, alsoTree := other.(flink.Tree)
		if isTree && alsoTree {
			out = append(out, overlaps(inside, within, here)...)
		} else {
			out = append(out, here)
		}
	}
	return out
}

func below(path ...string) flink.Path { return append(slices.Clone(templatePath), path...) }
