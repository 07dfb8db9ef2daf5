package clowd

import (
	core "k8s.io/api/core/v1"
)

// The types below are the table of Clowder's definitions, and how it reads and writes objects: what has no
// omitempty or is a struct is written back as its zero value. The tags enum, min, max, length, pattern and format
// are those of the definitions; opaque leaves what is below a field open.

type object struct {
	APIVersion string         `json:"apiVersion,omitempty"`
	Kind       string         `json:"kind,omitempty"`
	Metadata   map[string]any `json:"metadata,omitempty" opaque:"true"`
}

type clowdApp struct {
	object

	Spec   appSpec   `json:"spec,omitempty"`
	Status appStatus `json:"status,omitempty"`
}

type appSpec struct {
	Deployments             []deployment `json:"deployments,omitempty"`
	Jobs                    []job        `json:"jobs,omitempty"`
	EnvName                 string       `json:"envName"`
	KafkaTopics             []kafkaTopic `json:"kafkaTopics,omitempty"`
	Database                database     `json:"database,omitempty"`
	ObjectStore             []string     `json:"objectStore,omitempty"`
	InMemoryDB              bool         `json:"inMemoryDb,omitempty"`
	SharedInMemoryDBAppName string       `json:"sharedInMemoryDbAppName,omitempty"`
	FeatureFlags            bool         `json:"featureFlags,omitempty"`
	Dependencies            []string     `json:"dependencies,omitempty"`
	OptionalDependencies    []string     `json:"optionalDependencies,omitempty"`
	Testing                 iqe          `json:"testing,omitempty"`
	Cyndi                   cyndi        `json:"cyndi,omitempty"`
	Disabled                bool         `json:"disabled,omitempty"`
}

type iqe struct {
	IQEPlugin string `json:"iqePlugin"`
}

type cyndi struct {
	Enabled           bool             `json:"enabled,omitempty"`
	AppName           string           `json:"appName,omitempty" length:"1,64" pattern:"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"`
	InsightsOnly      bool             `json:"insightsOnly,omitempty"`
	AdditionalFilters []map[string]any `json:"additionalFilters,omitempty" opaque:"true"`
}

type database struct {
	Version         *int32 `json:"version,omitempty" enum:"12,13,14,15,16"`
	Name            string `json:"name,omitempty"`
	SharedDBAppName string `json:"sharedDbAppName,omitempty"`
	DBVolumeSize    string `json:"dbVolumeSize,omitempty" enum:"small,medium,large"`
	DBResourceSize  string `json:"dbResourceSize,omitempty" enum:"small,medium,large"`
}

type kafkaTopic struct {
	Config     map[string]string `json:"config,omitempty"`
	Partitions int32             `json:"partitions,omitempty" min:"1" max:"200000"`
	Replicas   int32             `json:"replicas,omitempty" min:"1" max:"32767"`
	TopicName  string            `json:"topicName" length:"1,249" pattern:"[a-zA-Z0-9\\._\\-]"`
}

type annotated struct {
	Annotations map[string]string `json:"annotations,omitempty"`
}

type deployment struct {
	Name               string         `json:"name"`
	MinReplicas        *int32         `json:"minReplicas,omitempty"`
	Replicas           *int32         `json:"replicas,omitempty"`
	Web                bool           `json:"web,omitempty"`
	WebServices        webServices    `json:"webServices,omitempty"`
	PodSpec            podSpec        `json:"podSpec"`
	K8sAccessLevel     string         `json:"k8sAccessLevel,omitempty" enum:"default,view,,edit"`
	AutoScaler         map[string]any `json:"autoScaler,omitempty" opaque:"true"`
	AutoScalerSimple   *autoScaler    `json:"autoScalerSimple,omitempty"`
	DeploymentStrategy *strategy      `json:"deploymentStrategy,omitempty"`
	Metadata           annotated      `json:"metadata,omitempty"`
}

type strategy struct {
	PrivateStrategy string `json:"privateStrategy,omitempty"`
}

type autoScaler struct {
	Replicas struct {
		Min int32 `json:"min"`
		Max int32 `json:"max"`
	} `json:"replicas"`
	RAM scaleAt `json:"ram,omitempty"`
	CPU scaleAt `json:"cpu,omitempty"`
}

type scaleAt struct {
	ScaleAtUtilization int32  `json:"scaleAtUtilization,omitempty"`
	ScaleAtValue       string `json:"scaleAtValue,omitempty"`
}

type webServices struct {
	Public  publicService  `json:"public,omitempty"`
	Private privateService `json:"private,omitempty"`
	Metrics struct{}       `json:"metrics,omitempty"`
}

type publicService struct {
	Enabled         bool     `json:"enabled,omitempty"`
	APIPath         string   `json:"apiPath,omitempty"`
	APIPaths        []string `json:"apiPaths,omitempty" pattern:"^\\/api\\/[a-zA-Z0-9-]+\\/$"`
	WhitelistPaths  []string `json:"whitelistPaths,omitempty"`
	SessionAffinity bool     `json:"sessionAffinity,omitempty"`
	TLS             *bool    `json:"tls,omitempty"`
	H2CEnabled      *bool    `json:"h2cEnabled,omitempty"`
	H2CTargetPort   int32    `json:"h2cTargetPort,omitempty"`
}

type privateService struct {
	Enabled       bool  `json:"enabled,omitempty"`
	TLS           *bool `json:"tls,omitempty"`
	H2CEnabled    *bool `json:"h2cEnabled,omitempty"`
	H2CTargetPort int32 `json:"h2cTargetPort,omitempty"`
}

type podSpec struct {
	Image                         string                    `json:"image,omitempty"`
	InitContainers                []initContainer           `json:"initContainers,omitempty"`
	Metadata                      annotated                 `json:"metadata,omitempty"`
	Command                       []string                  `json:"command,omitempty"`
	Args                          []string                  `json:"args,omitempty"`
	Env                           []core.EnvVar             `json:"env,omitempty" opaque:"true"`
	Resources                     core.ResourceRequirements `json:"resources,omitempty" opaque:"true"`
	LivenessProbe                 *core.Probe               `json:"livenessProbe,omitempty" opaque:"true"`
	ReadinessProbe                *core.Probe               `json:"readinessProbe,omitempty" opaque:"true"`
	Volumes                       []core.Volume             `json:"volumes,omitempty" opaque:"true"`
	VolumeMounts                  []core.VolumeMount        `json:"volumeMounts,omitempty" opaque:"true"`
	Lifecycle                     *core.Lifecycle           `json:"lifecycle,omitempty" opaque:"true"`
	TerminationGracePeriodSeconds *int64                    `json:"terminationGracePeriodSeconds,omitempty"`
	Sidecars                      []sidecar                 `json:"sidecars,omitempty"`
	MachinePool                   string                    `json:"machinePool,omitempty"`
}

type initContainer struct {
	Name       string        `json:"name,omitempty"`
	Image      string        `json:"image,omitempty"`
	Command    []string      `json:"command,omitempty"`
	Args       []string      `json:"args,omitempty"`
	InheritEnv bool          `json:"inheritEnv,omitempty"`
	Env        []core.EnvVar `json:"env,omitempty" opaque:"true"`
}

type sidecar struct {
	Name          string             `json:"name"`
	Enabled       bool               `json:"enabled"`
	Image         string             `json:"image,omitempty"`
	ConfigMap     string             `json:"configMap,omitempty"`
	MemoryLimit   string             `json:"memoryLimit,omitempty"`
	MemoryRequest string             `json:"memoryRequest,omitempty"`
	EnvVars       []core.EnvVar      `json:"envVars,omitempty" opaque:"true"`
	VolumeMounts  []core.VolumeMount `json:"volumeMounts,omitempty" opaque:"true"`
}

type job struct {
	Name                       string  `json:"name"`
	Disabled                   bool    `json:"disabled,omitempty"`
	Schedule                   string  `json:"schedule,omitempty"`
	Parallelism                *int32  `json:"parallelism,omitempty"`
	Completions                *int32  `json:"completions,omitempty"`
	PodSpec                    podSpec `json:"podSpec"`
	RestartPolicy              string  `json:"restartPolicy,omitempty"`
	ConcurrencyPolicy          string  `json:"concurrencyPolicy,omitempty"`
	Suspend                    *bool   `json:"suspend,omitempty"`
	SuccessfulJobsHistoryLimit *int32  `json:"successfulJobsHistoryLimit,omitempty"`
	FailedJobsHistoryLimit     *int32  `json:"failedJobsHistoryLimit,omitempty"`
	StartingDeadlineSeconds    *int64  `json:"startingDeadlineSeconds,omitempty"`
	ActiveDeadlineSeconds      *int64  `json:"activeDeadlineSeconds,omitempty"`
}

// condition is that of Kubernetes.
type condition struct {
	Type               string `json:"type" length:"0,316" pattern:"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"`
	Status             string `json:"status" enum:"True,False,Unknown"`
	Reason             string `json:"reason" length:"1,1024" pattern:"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"`
	Message            string `json:"message" length:"0,32768"`
	LastTransitionTime string `json:"lastTransitionTime" format:"date-time"`
	ObservedGeneration int64  `json:"observedGeneration,omitempty" min:"0"`
}

type appStatus struct {
	Conditions  []condition `json:"conditions,omitempty"`
	Deployments figures     `json:"deployments,omitempty"`
	Ready       bool        `json:"ready"`
	Generation  int64       `json:"generation,omitempty"`
}

type figures struct {
	ManagedDeployments int32 `json:"managedDeployments"`
	ReadyDeployments   int32 `json:"readyDeployments"`
}
