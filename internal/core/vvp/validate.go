package vvp

import (
	"fmt"
	"regexp"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// LongestName is how many characters a name may have.
const LongestName = 63

// name is what the vendor documents for the names of all but targets and secret values.
var name = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ValidName returns what is wrong with a name, as a sentence; empty for nothing.
func ValidName(text string) string {
	if len(text) <= LongestName && name.MatchString(text) {
		return ""
	}
	return fmt.Sprintf("A name on %s has at most %d characters: lower case letters, digits and hyphens, and no hyphen first or last.", Product, LongestName)
}

// smallestCPU is what the platform takes at least, since 2.3.1.
const smallestCPU = 0.1

// Validate returns what the platform would say of a specification, and what it has no words
// for.
func Validate(of string, spec flink.DeploymentSpec) []flink.Finding {
	findings := ValidateLayer(spec)
	if wrong := ValidName(of); wrong != "" {
		findings = append(findings, fault(flink.Path{"metadata", "name"}, fmt.Sprintf("The name %q is not valid", of), wrong+" Change name.")...)
	}
	if spec.FlinkVersion == nil && !spec.IsSessionJob() {
		findings = append(findings, fault(flink.Path{"flinkVersion"}, "The Flink version is missing",
			"The platform chooses its image by it. Set flink_version, for example \"v1_20\", here or in the environment's deployment_defaults.")...)
	}
	if spec.Job == nil {
		return append(findings, sessionFindings(spec)...)
	}
	if spec.IsSessionJob() && spec.Ververica != nil && spec.Ververica.DeploymentTarget != nil {
		findings = append(findings, fault(flink.Path{"ververica", "deploymentTarget"}, "A session job has no deployment target of its own", "It runs where its session cluster does. Leave it out.")...)
	}
	if kindOf(spec) == artifactJAR && spec.Job.JarURI == nil {
		findings = append(findings, fault(flink.Path{"job", "jarURI"}, "The JAR file is missing",
			"Set job.jar_uri, or give an artifact of another kind in ververica.deployment_template, for example jsonencode({ spec = { artifact = { kind = \"SQLSCRIPT\", sqlScript = \"…\" } } }).")...)
	}
	if spec.Job.Parallelism == nil && (spec.Ververica == nil || at(flink.Tree(spec.Ververica.DeploymentTemplate), "spec", "parallelism") == nil) {
		findings = append(findings, fault(flink.Path{"job", "parallelism"}, "The parallelism is missing", "Set job.parallelism to 1 or more.")...)
	}
	if ptr.Deref(spec.Job.UpgradeMode, "") == flink.UpgradeLastState && !flink.RetainsOnCancellation(spec.FlinkConfiguration) {
		findings = append(findings, fault(flink.Path{"job", "upgradeMode"}, "Upgrade mode last_state needs retained checkpoints",
			fmt.Sprintf("%s cancels the job and restores the checkpoint that is left. Set %s = \"RETAIN_ON_CANCELLATION\" and a checkpoint directory in flink_configuration, or upgrade.mode = \"savepoint\".", Product, flink.KeyCheckpointRetention))...)
	}
	return findings
}

// ValidateLayer returns what is wrong with a specification, or a part of one, wherever it
// comes to apply.
func ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	var findings []flink.Finding
	for _, no := range refused {
		if no.said(spec) {
			findings = append(findings, fault(no.path, fmt.Sprintf("The platform %q has no %s", "ververica", no.path.Attribute()), no.why)...)
		}
	}
	if spec.FlinkVersion != nil {
		version, err := flink.ParseVersion(*spec.FlinkVersion)
		switch {
		case err != nil:
			findings = append(findings, fault(flink.Path{"flinkVersion"}, fmt.Sprintf("%q is not a Flink version", *spec.FlinkVersion), "Write flink_version as, for example, \"v1_20\".")...)
		case version.Major > 1:
			findings = append(findings, flink.Finding{
				Path: flink.Path{"flinkVersion"}, Severity: flink.Warning, Summary: fmt.Sprintf("Ververica Platform 2.x has no Flink %s", version.Number()),
				Detail: "Its versions 2.13 to 2.15 run Flink up to 1.20. A newer generation may have it; older ones refuse the deployment.",
			})
		}
	}
	if spec.Image != nil {
		if _, err := imageOf(*spec.Image); err != nil {
			findings = append(findings, fault(flink.Path{"image"}, "The image cannot be given to the platform", fmt.Sprintf("Of %q: %s. Write registry, repository and tag.", *spec.Image, err))...)
		}
	}
	if spec.Job != nil && len(spec.Job.Args) > 0 {
		if _, err := argumentsText(spec.Job.Args); err != nil {
			findings = append(findings, fault(flink.Path{"job", "args"}, "The arguments cannot be given to the platform",
				fmt.Sprintf("It takes them as one text, and %s. Change the argument, or give the text itself in ververica.deployment_template, below spec.artifact.mainArgs.", err))...)
		}
	}
	for owner, size := range map[string]*flink.Resource{"jobManager": sizeOf(spec.JobManager), "taskManager": sizeOfWorker(spec.TaskManager)} {
		if size != nil && size.CPU != nil && *size.CPU < smallestCPU {
			findings = append(findings, fault(flink.Path{owner, "resource", "cpu"}, "The CPU is too small", fmt.Sprintf("%s takes at least %g. Raise it.", Product, smallestCPU))...)
		}
	}
	return append(findings, templateFindings(spec)...)
}

func sizeOf(manager *flink.JobManager) *flink.Resource {
	if manager == nil {
		return nil
	}
	return manager.Resource
}

func sizeOfWorker(worker *flink.TaskManager) *flink.Resource {
	if worker == nil {
		return nil
	}
	return worker.Resource
}

func fault(at flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: at, Severity: flink.Error, Summary: summary, Detail: detail}}
}
