package clowd

import core "k8s.io/api/core/v1"

type clowdEnvironment struct {
	object

	Spec   environmentSpec   `json:"spec,omitempty"`
	Status environmentStatus `json:"status,omitempty"`
}

type environmentSpec struct {
	TargetNamespace  string                    `json:"targetNamespace,omitempty"`
	Providers        providers                 `json:"providers"`
	ResourceDefaults core.ResourceRequirements `json:"resourceDefaults" opaque:"true"`
	ServiceConfig    serviceConfig             `json:"serviceConfig,omitempty"`
	Disabled         bool                      `json:"disabled,omitempty"`
}

type serviceConfig struct {
	Type string `json:"type" enum:"ClusterIP,NodePort,"`
}

type named struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type providers struct {
	DB struct {
		Mode        string `json:"mode" enum:"shared,app-interface,local,none"`
		CABundleURL string `json:"caBundleURL,omitempty" pattern:"^https?:\\/\\/.+$"`
		PVC         bool   `json:"pvc,omitempty"`
	} `json:"db,omitempty"`
	InMemoryDB struct {
		Mode  string `json:"mode" enum:"redis,elasticache,none"`
		Image string `json:"image,omitempty"`
	} `json:"inMemoryDb"`
	Kafka   kafkaProvider `json:"kafka"`
	Logging struct {
		Mode string `json:"mode" enum:"app-interface,null,none"`
	} `json:"logging"`
	Metrics struct {
		Port       int32  `json:"port"`
		Mode       string `json:"mode" enum:"none,operator,app-interface"`
		Path       string `json:"path,omitempty"`
		Prometheus struct {
			Deploy                  bool   `json:"deploy,omitempty"`
			AppInterfaceInternalURL string `json:"appInterfaceInternalURL,omitempty"`
		} `json:"prometheus,omitempty"`
		PrometheusGateway struct {
			Deploy bool   `json:"deploy,omitempty"`
			Image  string `json:"image,omitempty"`
		} `json:"prometheusGateway,omitempty"`
	} `json:"metrics,omitempty"`
	ObjectStore struct {
		Mode   string `json:"mode" enum:"minio,app-interface,none"`
		Suffix string `json:"suffix,omitempty"`
		PVC    bool   `json:"pvc,omitempty"`
		Images struct {
			Minio string `json:"minio,omitempty"`
		} `json:"images,omitempty"`
	} `json:"objectStore"`
	Web          webProvider `json:"web,omitempty"`
	FeatureFlags struct {
		Mode          string `json:"mode,omitempty" enum:"local,app-interface,none"`
		CredentialRef named  `json:"credentialRef,omitempty"`
		Hostname      string `json:"hostname,omitempty"`
		Port          int32  `json:"port,omitempty"`
		PVC           bool   `json:"pvc,omitempty"`
		Images        struct {
			Unleash     string `json:"unleash,omitempty"`
			UnleashEdge string `json:"unleashEdge,omitempty"`
		} `json:"images,omitempty"`
	} `json:"featureFlags,omitempty"`
	ServiceMesh struct {
		Mode string `json:"mode,omitempty" enum:"enabled,disabled"`
	} `json:"serviceMesh,omitempty"`
	PullSecrets []named        `json:"pullSecrets,omitempty"`
	Testing     map[string]any `json:"testing,omitempty" opaque:"true"`
	Sidecars    map[string]any `json:"sidecars,omitempty" opaque:"true"`
	AutoScaler  struct {
		Mode string `json:"mode,omitempty" enum:"none,enabled,keda"`
	} `json:"autoScaler,omitempty"`
	ReverseProxy struct {
		Mode              string `json:"mode,omitempty" enum:"ephemeral,none"`
		AWSRegion         string `json:"awsRegion,omitempty"`
		BucketPathPrefix  string `json:"bucketPathPrefix,omitempty"`
		SPAEntrypointPath string `json:"spaEntrypointPath,omitempty"`
		Images            struct {
			Proxy string `json:"proxy,omitempty"`
		} `json:"images,omitempty"`
	} `json:"reverseProxy,omitempty"`
	Deployment struct {
		OmitPullPolicy bool `json:"omitPullPolicy,omitempty"`
	} `json:"deployment,omitempty"`
}

type kafkaProvider struct {
	Mode                     string         `json:"mode" enum:"ephem-msk,managed,operator,app-interface,local,none"`
	EnableLegacyStrimzi      bool           `json:"enableLegacyStrimzi,omitempty"`
	PVC                      bool           `json:"pvc,omitempty"`
	Cluster                  kafkaCluster   `json:"cluster,omitempty"`
	Connect                  map[string]any `json:"connect,omitempty" opaque:"true"`
	ManagedSecretRef         named          `json:"managedSecretRef,omitempty"`
	ManagedPrefix            string         `json:"managedPrefix,omitempty"`
	TopicNamespace           string         `json:"topicNamespace,omitempty"`
	ClusterAnnotation        string         `json:"clusterAnnotation,omitempty"`
	ClusterName              string         `json:"clusterName,omitempty"`
	Namespace                string         `json:"namespace,omitempty"`
	ConnectNamespace         string         `json:"connectNamespace,omitempty"`
	ConnectClusterName       string         `json:"connectClusterName,omitempty"`
	Suffix                   string         `json:"suffix,omitempty"`
	KafkaConnectReplicaCount int            `json:"kafkaConnectReplicaCount,omitempty"`
}

type kafkaCluster struct {
	Name        string            `json:"name,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	ForceTLS    bool              `json:"forceTLS,omitempty"`
	Replicas    int32             `json:"replicas,omitempty" min:"1"`
	StorageSize string            `json:"storageSize,omitempty"`
	DeleteClaim bool              `json:"deleteClaim,omitempty"`
	Version     string            `json:"version,omitempty"`
	Config      map[string]string `json:"config,omitempty"`
	JVMOptions  map[string]any    `json:"jvmOptions,omitempty" opaque:"true"`
	Resources   map[string]any    `json:"resources,omitempty" opaque:"true"`
}

type webProvider struct {
	Port            int32             `json:"port"`
	PrivatePort     int32             `json:"privatePort,omitempty"`
	AiuthPort       int32             `json:"aiuthPort,omitempty"`
	H2CPort         int32             `json:"h2cPort,omitempty"`
	H2CPrivatePort  int32             `json:"h2cPrivatePort,omitempty"`
	APIPrefix       string            `json:"apiPrefix,omitempty"`
	Mode            string            `json:"mode" enum:"none,operator,local"`
	BOPURL          string            `json:"bopURL,omitempty"`
	IngressClass    string            `json:"ingressClass,omitempty"`
	KeycloakVersion string            `json:"keycloakVersion,omitempty"`
	KeycloakPVC     bool              `json:"keycloakPVC,omitempty"`
	Images          map[string]string `json:"images,omitempty" opaque:"true"`
	TLS             struct {
		Enabled        bool  `json:"enabled,omitempty"`
		Port           int32 `json:"port,omitempty"`
		PrivatePort    int32 `json:"privatePort,omitempty"`
		H2CPort        int32 `json:"h2cPort,omitempty"`
		H2CPrivatePort int32 `json:"h2cPrivatePort,omitempty"`
	} `json:"tls,omitempty"`
	GatewayCert struct {
		Enabled          bool   `json:"enabled,omitempty"`
		CertMode         string `json:"certMode,omitempty" enum:"self-signed,acme,none"`
		LocalCAConfigMap string `json:"localCAConfigMap,omitempty"`
		EmailAddress     string `json:"emailAddress,omitempty"`
	} `json:"gatewayCert,omitempty"`
}

type environmentStatus struct {
	Conditions      []condition    `json:"conditions,omitempty"`
	TargetNamespace string         `json:"targetNamespace,omitempty"`
	Ready           bool           `json:"ready,omitempty"`
	Deployments     topicFigures   `json:"deployments,omitempty"`
	Apps            []appInfo      `json:"apps,omitempty"`
	Generation      int64          `json:"generation,omitempty"`
	Hostname        string         `json:"hostname,omitempty"`
	Prometheus      map[string]any `json:"prometheus,omitempty" opaque:"true"`
}

type topicFigures struct {
	ManagedDeployments int32 `json:"managedDeployments"`
	ReadyDeployments   int32 `json:"readyDeployments"`
	ManagedTopics      int32 `json:"managedTopics"`
	ReadyTopics        int32 `json:"readyTopics"`
}

type appInfo struct {
	Name        string           `json:"name"`
	Deployments []deploymentInfo `json:"deployments"`
}

type deploymentInfo struct {
	Name     string `json:"name"`
	Hostname string `json:"hostname,omitempty"`
	Port     int32  `json:"port,omitempty"`
}
