package vvp

import (
	"maps"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// A SessionCluster says what a cluster is in the fields of a Deployment's template, with those of
// its image beside them. So its translation is that of a Deployment without a job, in another
// shape.

// imageFields are the fields of an artifact that a SessionCluster has in its own spec.
var imageFields = []string{"flinkVersion", "flinkImageRegistry", "flinkImageRepository", "flinkImageTag"}

// sessionLogging is what a SessionCluster logs that does not say it: the platform fills nothing in
// over REST, and refuses one without.
var sessionLogging = flink.Tree{"loggingProfile": "default", "log4jLoggers": flink.Tree{"": "INFO"}}

// Session returns the spec of the SessionCluster that a specification without a job comes to. It
// has no deployment target unless the specification names one. An error names what the platform
// has no words for; Validate finds the same before.
func Session(spec flink.DeploymentSpec) (flink.Tree, error) {
	deployment, err := Spec(spec)
	if err != nil {
		return nil, err
	}
	template, _ := at(deployment, "template", "spec").(flink.Tree)
	out := maps.Clone(template)
	if out == nil {
		out = flink.Tree{}
	}
	artifact, _ := out["artifact"].(flink.Tree)
	delete(out, "artifact")
	// Only a job has one.
	delete(out, "parallelism")
	for _, field := range imageFields {
		set(out, field, artifact[field])
	}
	set(out, "deploymentTargetName", deployment["deploymentTargetName"])
	out["state"] = StateRunning
	if out["logging"] == nil {
		out["logging"] = sessionLogging
	}
	return out, nil
}

// SessionRestart is the text of AnnotationRestart for a SessionCluster, empty for none.
func SessionRestart(spec flink.DeploymentSpec) string {
	if spec.RestartNonce == nil {
		return ""
	}
	return strconv.FormatInt(*spec.RestartNonce, 10)
}

// SessionBack returns the specification that a SessionCluster comes from, in the words of a
// flink.DeploymentSpec.
func SessionBack(cluster flink.Tree) flink.Tree { return Back(asDeployment(cluster)) }

// SessionImported returns of a SessionCluster what somebody has said of it. What no attribute has
// is said in the platform's own words.
func SessionImported(cluster flink.Tree) flink.Tree {
	filled := flink.Tree{}
	if logging, _ := at(cluster, "spec", "logging").(flink.Tree); len(Without(logging, sessionLogging)) == 0 {
		// Nobody has said that: it is what Session fills in.
		filled["template"] = flink.Tree{"spec": flink.Tree{"logging": sessionLogging}}
	}
	return Imported(asDeployment(cluster), filled)
}

// asDeployment returns a SessionCluster in the shape of a Deployment without a job.
func asDeployment(cluster flink.Tree) flink.Tree {
	spec, _ := cluster["spec"].(flink.Tree)
	inside, artifact := maps.Clone(spec), flink.Tree{}
	for _, field := range imageFields {
		set(artifact, field, spec[field])
		delete(inside, field)
	}
	set(inside, "artifact", tree(artifact))
	delete(inside, "state")
	delete(inside, "deploymentTargetName")
	template := flink.Tree{"spec": inside}
	if restart := at(cluster, "metadata", "annotations", AnnotationRestart); restart != nil {
		template["metadata"] = flink.Tree{"annotations": flink.Tree{AnnotationRestart: restart}}
	}
	out := flink.Tree{"template": template}
	set(out, "deploymentTargetName", spec["deploymentTargetName"])
	return flink.Tree{"metadata": cluster["metadata"], "spec": out}
}
