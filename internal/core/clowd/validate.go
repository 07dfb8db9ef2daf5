package clowd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// LongestName is how many characters the name of a deployment may have: it is a label of its
// pods, and the beginning of the names of its ConfigMaps.
const LongestName = 63

// ValidName returns what is wrong with the name of an environment, as a sentence; empty for
// nothing. Clowder makes names of other objects and labels of it.
func ValidName(text string) string {
	if len(validation.IsDNS1123Label(text)) == 0 {
		return ""
	}
	return "The name of a ClowdEnvironment has at most 63 lower case letters, digits and hyphens, and no hyphen first or last."
}

// jarsSince is the first Flink whose application clusters take JAR files from elsewhere than
// their class path.
var jarsSince = flink.Version{Major: 1, Minor: 19}

// Validate returns what is wrong with a specification, and what Clowder has no words for.
func Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	findings := ValidateLayer(spec)
	if len(validation.IsDNS1035Label(name)) > 0 || len(name) > LongestName {
		findings = append(findings, fault(flink.Path{"metadata", "name"}, fmt.Sprintf("The name %q is not valid", name),
			"Clowder makes a Deployment of this name: at most 63 lower case letters, digits and hyphens, a letter first. Change name.")...)
	}
	if spec.Job == nil {
		return append(findings, fault(flink.Path{"job"}, "Clowder has no session clusters", "Set job.jar_uri, or use another platform.")...)
	}
	if spec.Image == nil {
		findings = append(findings, fault(flink.Path{"image"}, "The image is missing", "Clowder has no image of its own. Set image, here or in the environment's deployment_defaults.")...)
	}
	if spec.Job.Parallelism == nil {
		findings = append(findings, fault(flink.Path{"job", "parallelism"}, "The parallelism is missing", "Set job.parallelism to 1 or more.")...)
	}
	findings = append(findings, jarFindings(spec)...)
	return append(findings, stateFindings(spec)...)
}

func jarFindings(spec flink.DeploymentSpec) []flink.Finding {
	jar := ptr.Deref(spec.Job.JarURI, "")
	if jar == "" && spec.Job.EntryClass == nil {
		return fault(flink.Path{"job", "jarURI"}, "The JAR file is missing", "Set job.jar_uri, or job.entry_class for a class that the image has on its class path.")
	}
	if jar == "" || strings.HasPrefix(jar, usrlib) {
		return nil
	}
	if version, known := spec.Version(); !known || !version.AtLeast(jarsSince) {
		return fault(flink.Path{"job", "jarURI"}, "Flink does not take the JAR file from there",
			fmt.Sprintf("%q is not below %s, where Flink finds a JAR file by itself, and only Flink 1.19 and newer take one from elsewhere. Put it there in the image, or set flink_version to what the image has.", jar, usrlib))
	}
	return nil
}

// stateFindings are about what becomes of the job's state.
func stateFindings(spec flink.DeploymentSpec) []flink.Finding {
	at := flink.Path{"flinkConfiguration"}
	if !Keeps(spec) {
		if ptr.Deref(spec.Job.UpgradeMode, "") == flink.UpgradeLastState {
			return fault(flink.Path{"job", "upgradeMode"}, "Upgrade mode last_state needs high availability", "Clowder takes no savepoint and knows no checkpoint. "+remedyKeep+".")
		}
		return []flink.Finding{{
			Path: at, Severity: flink.Warning, Summary: "The job has no high availability: it starts without its state whenever its pod does",
			Detail: "Clowder starts pods anew also when a topic, a Secret or the environment of the application changes. " + remedyKeep + ".",
		}}
	}
	var findings []flink.Finding
	if kind, _ := spec.FlinkConfiguration.Get(flink.KeyHighAvailability); !strings.EqualFold(kind, "kubernetes") {
		findings = append(findings, fault(append(slices.Clone(at), flink.KeyHighAvailability), "The high availability is not that of Kubernetes",
			fmt.Sprintf("The provider prepares a change in the ConfigMaps of Flink's high availability on Kubernetes, and %q has none. Set %s = \"kubernetes\".", kind, flink.KeyHighAvailability))...)
	}
	if _, said := spec.FlinkConfiguration.Get(keyStorage); !said {
		findings = append(findings, fault(at, "The high availability has no storage", fmt.Sprintf("Flink does not start without it. Set flink_configuration[%q] to a folder that all pods reach.", keyStorage))...)
	}
	if flink.CheckpointDirectory(spec.FlinkConfiguration) == "" {
		findings = append(findings, fault(at, "There is no directory for checkpoints", "Without one Flink keeps checkpoints in the memory of the JobManager, and a new pod has none. Set flink_configuration[\"state.checkpoints.dir\"].")...)
	}
	return findings
}

// remedyKeep says how a job keeps its state, without a full stop.
const remedyKeep = `Set flink_configuration["high-availability.type"] = "kubernetes", flink_configuration["high-availability.storageDir"] and flink_configuration["state.checkpoints.dir"]`

// ValidateLayer returns what is wrong with a specification, or a part of one, wherever it
// comes to apply.
func ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	var findings []flink.Finding
	for _, row := range rows {
		if row.said != nil && row.said(spec) {
			findings = append(findings, fault(row.path, fmt.Sprintf("The platform %q does not take this %s", Name, row.path.Attribute()), row.why)...)
		}
	}
	if spec.Job != nil {
		if ptr.Deref(spec.Job.State, "") == flink.JobCancelled {
			findings = append(findings, fault(flink.Path{"job", "state"}, "Clowder only knows jobs that run and jobs that do not", `Set job.state = "suspended".`)...)
		}
		if takenForOwn(spec.Job.Args) {
			findings = append(findings, fault(flink.Path{"job", "args"}, fmt.Sprintf("Flink takes the argument %q for its own", spec.Job.Args[0]),
				"In an application cluster the arguments of the job follow those of Flink, which ends at the first that it does not know. Give another argument first, or rename this one in the program.")...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(spec.FlinkConfiguration)) {
		value := ptr.Deref(spec.FlinkConfiguration[key], "")
		path := flink.Path{"flinkConfiguration", key}
		switch {
		case key == keyNamespace:
			findings = append(findings, fault(path, "The provider says in which namespace the job runs", "Remove the key: it is the namespace of the pod.")...)
		case strings.ContainsAny(value, "\n\r") || strings.Contains(key, ":"):
			findings = append(findings, fault(path, "The value cannot be given to Flink's image", "It takes its configuration line by line (FLINK_PROPERTIES). Write the value in one line, and the key without a colon.")...)
		}
	}
	if wrong := podFaults(spec.PodTemplate); len(wrong) > 0 {
		findings = append(findings, fault(flink.Path{"podTemplate"}, "Clowder cannot take the pod template", podWords(wrong)+
			" It has volumes, initContainers and terminationGracePeriodSeconds of the pod, env, volumeMounts and lifecycle of the container "+flink.MainContainer+", and annotations. Remove the rest.")...)
	}
	return findings
}

func fault(at flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: at, Severity: flink.Error, Summary: summary, Detail: detail}}
}
