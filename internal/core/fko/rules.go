package fko

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// deployment is what the rules look at.
type deployment struct {
	name   string
	spec   flink.DeploymentSpec
	config flink.Configuration
	// version is nil when the specification has none that can be read.
	version *flink.Version
}

// rule is one rule of the operator's DefaultValidator, or of what comes after it.
type rule func(deployment) []flink.Finding

// rules in the order of the operator's validator.
var rules = []rule{
	validName,
	versionGiven,
	versionKnown,
	noForbiddenKeys,
	rollbackNeedsHighAvailability,
	healthCheckNeedsRecovery,
	ingressTemplate,
	logFiles,
	checkpointDirectory,
	savepointDirectory,
	lastStateRecovers,
	parallelismOrReplicas,
	jobEnums,
	jarURIScheme,
	visibleJAR,
	jobManagerMemory,
	jobManagerSize,
	jobManagerReplicas,
	taskManagerMemory,
	taskManagerSize,
	memoryEnough,
	taskManagerReplicas,
	serviceAccount,
	autoscalerRanges,
	autoscalerUtilization,
	autoscalerPeriods,
	autoscalerWindow,
	modeKnown,
	imagePullPolicy,
	readableValues,
	keysOfVersion,
	noOverlappingKeys,
	wholeInTheFile,
	plainHighAvailability,
	storageOfHighAvailability,
	storedLocally,
	sweptAway,
	checkpointsRetained,
	overruled,
	stateBackendOfVersion,
	writableSavepoints,
	parallelismWithinBounds,
	secretsInClear,
	variablesInClear,
}

// Validate returns what the operator's validator (DefaultValidator of operator
// 1.16) would say of a FlinkDeployment or FlinkSessionJob, as far as it depends on the
// specification alone, and what is known to fail later. The operator tells only
// the first fault, Validate all. A nil Job is a session cluster.
func Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	d := deployment{name: name, spec: spec, config: spec.FlinkConfiguration}
	if version, known := spec.Version(); known {
		d.version = &version
	}
	applicable := rules
	if spec.IsSessionJob() {
		applicable = sessionJobRules
	}
	var findings []flink.Finding
	for _, rule := range applicable {
		findings = append(findings, rule(d)...)
	}
	return findings
}

// unless says who may supply what the specification lacks.
func (d deployment) unless() string {
	if d.spec.IsSessionJob() {
		return "The operator refuses the session job unless the configuration of its session cluster, or the operator's own, names one."
	}
	return "The operator refuses the deployment unless its own configuration names one."
}

// keyPath is the path of a key under the name that the deployment uses for it.
func (d deployment) keyPath(key string) flink.Path {
	if name, _, ok := d.config.Lookup(key); ok {
		key = name
	}
	return flink.Path{"flinkConfiguration", key}
}

func fault(path flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: path, Severity: flink.Error, Summary: summary, Detail: detail}}
}

func warning(path flink.Path, summary, detail string) []flink.Finding {
	return []flink.Finding{{Path: path, Severity: flink.Warning, Summary: summary, Detail: detail}}
}
