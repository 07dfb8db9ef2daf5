// Package flink holds what Flink and its operators mean by a deployment: the
// specification, configuration keys, memory and duration values, versions and
// the rules that need nothing but the specification. It does no I/O.
package flink

// Configuration is a Flink configuration with dotted keys. A nil value removes
// the key from what a lower layer gave; an expanded specification has none.
type Configuration map[string]*string //nolint:recvcheck // decoding needs a pointer, reading a map does not

// Document is a decoded YAML or JSON object, such as a pod template. Its attribute is
// one text.
type Document map[string]any

// Upgrade modes of a job: how its state survives a restart.
const (
	UpgradeSavepoint = "savepoint"
	UpgradeLastState = "last-state"
	UpgradeStateless = "stateless"
)

// MainContainer is the name by which Flink finds its container in a pod template
// (Constants.MAIN_CONTAINER_NAME), and which it gives it.
const MainContainer = "flink-main-container"

// Desired states of a job. One that is suspended keeps its state; a cancelled one is
// stopped without a savepoint, where the platform knows the difference.
const (
	JobRunning   = "running"
	JobSuspended = "suspended"
	JobCancelled = "cancelled"
)

// Modes of a deployment: who creates the TaskManagers.
const (
	ModeNative     = "native"
	ModeStandalone = "standalone"
)

// DeploymentSpec is the specification of one Flink cluster and, unless it is a
// session cluster, its job; or of a job in a session cluster. Field names in
// JSON are those of the operator's FlinkDeployment.spec and
// FlinkSessionJob.spec. A nil field is one that nobody set: it is not sent and
// not owned. The same type serves the layers of an environment, where every
// field is optional.
type DeploymentSpec struct {
	// DeploymentName names the session cluster, in the same namespace, that
	// runs the job of a FlinkSessionJob; nil for a FlinkDeployment. Of the
	// other fields a session job has FlinkConfiguration, Job and RestartNonce.
	DeploymentName     *string           `json:"deploymentName,omitempty"`
	Image              *string           `json:"image,omitempty"`
	ImagePullPolicy    *string           `json:"imagePullPolicy,omitempty"`
	FlinkVersion       *string           `json:"flinkVersion,omitempty"`
	ServiceAccount     *string           `json:"serviceAccount,omitempty"`
	Mode               *string           `json:"mode,omitempty"`
	FlinkConfiguration Configuration     `json:"flinkConfiguration,omitempty"`
	Job                *Job              `json:"job,omitempty"`
	JobManager         *JobManager       `json:"jobManager,omitempty"`
	TaskManager        *TaskManager      `json:"taskManager,omitempty"`
	PodTemplate        Document          `json:"podTemplate,omitempty"`
	LogConfiguration   map[string]string `json:"logConfiguration,omitempty"`
	Ingress            *Ingress          `json:"ingress,omitempty"`
	// SavepointSchedule is when a platform that can takes savepoints by itself, and
	// which of them it keeps. It is none of the operator's.
	SavepointSchedule Document `json:"savepointSchedule,omitempty"`
	// Ververica is what only Ververica Platform has.
	Ververica *Ververica `json:"ververica,omitempty"`
	// RestartNonce restarts the job by its upgrade mode when it changes to
	// another non-nil value. It is derived from the restart triggers.
	RestartNonce *int64 `json:"restartNonce,omitempty"`
}

// Version returns the version of Flink that the specification names; false where it
// names none that can be read.
func (s DeploymentSpec) Version() (version Version, known bool) {
	if s.FlinkVersion == nil {
		return Version{}, false
	}
	version, err := ParseVersion(*s.FlinkVersion)
	return version, err == nil
}

// IsSessionJob tells whether it is a job in a session cluster.
func (s DeploymentSpec) IsSessionJob() bool { return s.DeploymentName != nil }

// IsSessionCluster tells whether it is a cluster without a job of its own.
func (s DeploymentSpec) IsSessionCluster() bool { return s.Job == nil && s.DeploymentName == nil }

// Job is the job of an application cluster, or of a session job.
type Job struct {
	JarURI     *string  `json:"jarURI,omitempty"`
	EntryClass *string  `json:"entryClass,omitempty"`
	Args       []string `json:"args,omitempty"`
	// Parallelism is the default parallelism; at least 1.
	Parallelism *int64 `json:"parallelism,omitempty"`
	// State is JobRunning, JobSuspended or JobCancelled.
	State *string `json:"state,omitempty"`
	// UpgradeMode is UpgradeSavepoint, UpgradeLastState or UpgradeStateless.
	UpgradeMode           *string `json:"upgradeMode,omitempty"`
	AllowNonRestoredState *bool   `json:"allowNonRestoredState,omitempty"`
	InitialSavepointPath  *string `json:"initialSavepointPath,omitempty"`
}

// Ververica is what a Deployment of Ververica Platform has beyond a job on a cluster.
type Ververica struct {
	// MaxJobCreationAttempts and MaxSavepointCreationAttempts are how often the platform
	// tries before a transition has failed; at least 1.
	MaxJobCreationAttempts       *int64 `json:"maxJobCreationAttempts,omitempty"`
	MaxSavepointCreationAttempts *int64 `json:"maxSavepointCreationAttempts,omitempty"`
	// JobFailureExpirationTime is after which a failed attempt does not count any more,
	// in the platform's words.
	JobFailureExpirationTime *string `json:"jobFailureExpirationTime,omitempty"`
	// DeploymentTarget names the deployment target, which says in which Kubernetes namespace
	// the pods run.
	DeploymentTarget *string `json:"deploymentTarget,omitempty"`
	// DeploymentTemplate is a part of the Deployment's spec.template, in the platform's
	// words, which wins over what the other fields come to.
	DeploymentTemplate Document `json:"deploymentTemplate,omitempty"`
}

// JobManager is the JobManager's size and pod.
type JobManager struct {
	Replicas    *int64     `json:"replicas,omitempty"`
	Resource    *Resource  `json:"resource,omitempty"`
	Resources   *Resources `json:"resources,omitempty"`
	PodTemplate Document   `json:"podTemplate,omitempty"`
}

// TaskManager is the TaskManagers' number, size and pod.
type TaskManager struct {
	Replicas    *int64     `json:"replicas,omitempty"`
	Resource    *Resource  `json:"resource,omitempty"`
	Resources   *Resources `json:"resources,omitempty"`
	PodTemplate Document   `json:"podTemplate,omitempty"`
}

// Resource is the operator's older form of a container's size.
type Resource struct {
	// CPU is in cores.
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is a Flink memory size or a Kubernetes quantity.
	Memory           *string `json:"memory,omitempty"`
	EphemeralStorage *string `json:"ephemeralStorage,omitempty"`
}

// Resources is the operator's newer form (CRD of 1.16 on): Kubernetes requests
// and limits by resource name.
type Resources struct {
	Requests Amounts `json:"requests,omitempty"`
	Limits   Amounts `json:"limits,omitempty"`
}

// Amounts are Kubernetes quantities, or Flink memory sizes, by resource name.
type Amounts map[string]string

// Ingress exposes the JobManager's web interface.
type Ingress struct {
	Template    *string           `json:"template,omitempty"`
	ClassName   *string           `json:"className,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	TLS         []IngressTLS      `json:"tls,omitempty"`
}

// IngressTLS names the Secret with the certificate of some hosts.
type IngressTLS struct {
	Hosts      []string `json:"hosts,omitempty"`
	SecretName *string  `json:"secretName,omitempty"`
}
