package flink

// Severity tells whether a finding stops the plan.
type Severity int

const (
	// Error marks what the operator or Flink refuses for certain.
	Error Severity = iota
	// Warning marks what they refuse unless the operator's own configuration,
	// which a plan does not see, supplies what is missing; and what they accept
	// though it hardly is meant.
	Warning
)

// Finding is what a rule says of a specification.
type Finding struct {
	// Path leads to the value at fault, or to where the missing value belongs.
	Path     Path
	Severity Severity
	// Summary is one short sentence, Detail says what to do.
	Summary, Detail string
}

// deployment is what the rules look at.
type deployment struct {
	name   string
	spec   DeploymentSpec
	config Configuration
	// version is nil when the specification has none that can be read.
	version *Version
}

// rule is one rule of the operator's DefaultValidator, or of what comes after it.
type rule func(deployment) []Finding

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
	jobManagerMemory,
	jobManagerSize,
	jobManagerReplicas,
	taskManagerMemory,
	taskManagerSize,
	taskManagerReplicas,
	serviceAccount,
	autoscalerRanges,
	autoscalerUtilization,
	autoscalerPeriods,
	autoscalerWindow,
	modeKnown,
	imagePullPolicy,
	readableValues,
	namesOfVersion,
	noOverlappingKeys,
}

// Validate returns what the operator's validator (DefaultValidator of operator
// 1.16) would say of a FlinkDeployment or FlinkSessionJob, as far as it depends on the
// specification alone, and what is known to fail later. The operator tells only
// the first fault, Validate all. A nil Job is a session cluster.
func Validate(name string, spec DeploymentSpec) []Finding {
	d := deployment{name: name, spec: spec, config: spec.FlinkConfiguration}
	if spec.FlinkVersion != nil {
		if version, err := ParseVersion(*spec.FlinkVersion); err == nil {
			d.version = &version
		}
	}
	applicable := rules
	if spec.IsSessionJob() {
		applicable = sessionJobRules
	}
	var findings []Finding
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

// keyName returns the name by which the deployment's Flink version knows a key,
// for use in advice.
func (d deployment) keyName(key string) string {
	if d.version == nil {
		return key
	}
	for _, name := range names(key)[1:] {
		if entry, ok := aliases().byFormer[name]; ok && entry.from != nil && !entry.readBy(*d.version) {
			return name
		}
	}
	return key
}

// flag reads a boolean key; a value that is no boolean counts as not given.
func (d deployment) flag(key string) (value, given bool) {
	text, ok := d.config.Get(key)
	if !ok {
		return false, false
	}
	value, err := parseBoolean(trimBlanks(text))
	return value, err == nil
}

// keyPath is the path of a key under the name that the deployment uses for it.
func (d deployment) keyPath(key string) Path {
	if name, _, ok := d.config.lookup(key); ok {
		key = name
	}
	return Path{"flinkConfiguration", key}
}

func fault(path Path, summary, detail string) []Finding {
	return []Finding{{Path: path, Severity: Error, Summary: summary, Detail: detail}}
}

func warning(path Path, summary, detail string) []Finding {
	return []Finding{{Path: path, Severity: Warning, Summary: summary, Detail: detail}}
}
