package crds

import (
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Group and Version are the API group and the only version of the operator's kinds.
const (
	Group   = "flink.apache.org"
	Version = "v1beta1"
)

// kind is one of the operator's kinds.
type kind struct {
	name, plural, singular, short string
	since                         release
	spec, status                  schema
	columns                       []column
	scale                         *apiextensions.CustomResourceSubresourceScale
}

// column is a column of `kubectl get`. Releases before undescribed give it a description.
type column struct {
	name, path, description string
}

// undescribed is the first release whose columns have no description.
const undescribed release = 16

var kinds = []kind{
	{
		name: "FlinkDeployment", plural: "flinkdeployments", singular: "flinkdeployment", short: "flinkdep",
		spec: deploymentSpec, status: deploymentStatus, columns: jobColumns,
		scale: &apiextensions.CustomResourceSubresourceScale{
			SpecReplicasPath:   ".spec.taskManager.replicas",
			StatusReplicasPath: ".status.taskManager.replicas",
			LabelSelectorPath:  ptr(".status.taskManager.labelSelector"),
		},
	},
	{
		name: "FlinkSessionJob", plural: "flinksessionjobs", singular: "flinksessionjob", short: "sessionjob",
		spec: sessionJobSpec, status: commonStatusObject, columns: jobColumns,
	},
	{
		name: "FlinkStateSnapshot", plural: "flinkstatesnapshots", singular: "flinkstatesnapshot", short: "flinksnp",
		since: 10, spec: stateSnapshotSpec, status: stateSnapshotStatus,
		columns: []column{
			{"Path", ".status.path", "Final path of the snapshot."},
			{"Result Timestamp", ".status.resultTimestamp", "Timestamp when the snapshot was last created/failed."},
			{"Snapshot State", ".status.state", "Current state of the snapshot."},
		},
	},
	{
		name: "FlinkBlueGreenDeployment", plural: "flinkbluegreendeployments", singular: "flinkbluegreendeployment", short: "flinkbgdep",
		since: 14, spec: blueGreenDeploymentSpec, status: blueGreenDeploymentStatus,
		columns: []column{{"Job Status", ".status.jobStatus.state", ""}},
	},
}

var (
	commonStatusObject = object(commonStatus...)

	jobColumns = []column{
		{"Job Status", ".status.jobStatus.state", "Last observed state of the job."},
		{"Lifecycle State", ".status.lifecycleState", "Lifecycle state of the Flink resource (including being rolled back, failed etc.)."},
	}
)

// Definitions returns the custom resource definitions of a version of the operator, see Versions.
func Definitions(version string) ([]*apiextensions.CustomResourceDefinition, error) {
	r, err := parseRelease(version)
	if err != nil {
		return nil, err
	}
	var definitions []*apiextensions.CustomResourceDefinition
	for _, k := range kinds {
		if k.since <= r {
			definitions = append(definitions, k.definition(r))
		}
	}
	return definitions, nil
}

func (k kind) definition(r release) *apiextensions.CustomResourceDefinition {
	root := object(field{"spec", k.spec, first}, field{"status", k.status, first})(r)
	return &apiextensions.CustomResourceDefinition{
		TypeMeta:   meta.TypeMeta{APIVersion: apiextensions.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: meta.ObjectMeta{Name: k.plural + "." + Group},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: Group,
			Scope: apiextensions.NamespaceScoped,
			Names: apiextensions.CustomResourceDefinitionNames{
				Kind: k.name, Plural: k.plural, Singular: k.singular, ShortNames: []string{k.short},
			},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{
				Name: Version, Served: true, Storage: true,
				Schema:                   &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &root},
				Subresources:             &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}, Scale: k.scale},
				AdditionalPrinterColumns: k.printerColumns(r),
			}},
		},
	}
}

func (k kind) printerColumns(r release) []apiextensions.CustomResourceColumnDefinition {
	var columns []apiextensions.CustomResourceColumnDefinition
	for _, c := range k.columns {
		definition := apiextensions.CustomResourceColumnDefinition{Name: c.name, Type: "string", JSONPath: c.path}
		if r < undescribed {
			definition.Description = c.description
		}
		columns = append(columns, definition)
	}
	return columns
}

func ptr[T any](v T) *T { return &v }
