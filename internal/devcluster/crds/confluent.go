package crds

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// ConfluentGroup is the API group of Confluent for Kubernetes, and ConfluentVersion the
// version of its kinds.
const (
	ConfluentGroup   = "platform.confluent.io"
	ConfluentVersion = "v1beta1"
)

// confluentKind is a kind of Confluent for Kubernetes that is about Flink, as its release
// 3.3.0 has it.
type confluentKind struct {
	name         string
	spec, status schema
}

// objectName is the pattern of the name of an object of Kubernetes.
const objectName = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

// The parts that several kinds share.
var (
	int64s      = formatted(integer, "int64")
	given       = longerThan(text, 1, 0)
	secretShort = matching(longerThan(text, 1, 30), objectName)
	secretLong  = matching(longerThan(text, 1, 63), objectName)
	moment      = formatted(text, "date-time")

	classRef = needing(object(field{"name", given, first}, field{"namespace", text, first}), "name")
	named    = needing(object(field{"name", given, first}), "name")

	// inEnvironment names the environment of an object for ever.
	inEnvironment = ruled(given, "self == oldSelf", "flinkEnvironment is immutable")
	unmoved       = [2]string{"self.flinkEnvironment == oldSelf.flinkEnvironment", "flinkEnvironment is immutable"}

	confluentConditions = list(object(
		field{"lastProbeTime", moment, first}, field{"lastTransitionTime", moment, first}, field{"message", text, first},
		field{"reason", text, first}, field{"status", text, first}, field{"type", text, first},
	))
	cmfSync = needing(object(
		field{"errorMessage", text, first}, field{"lastSyncTime", text, first},
		field{"status", defaulting(enum("Unknown", "Created", "Failed", "Deleted"), "Unknown"), first},
	), "errorMessage", "lastSyncTime")

	processes       = object(field{"count", integer, first}, field{"cpu", number, first}, field{"memory", int64s, first})
	resourceSummary = object(field{"jobManager", processes, first}, field{"taskManager", processes, first})
	resourceCounts  = object(field{"applications", mapOf(integer), first}, field{"statements", mapOf(integer), first})

	connection = needing(object(field{"connectionConfig", labels, first}, field{"connectionSecretId", text, first}), "connectionConfig")
	defaultsOf = object(field{"flinkConfiguration", labels, first})
)

// synced are the fields of a status with those that each kind has that the server keeps.
func synced(own ...field) schema {
	return object(append([]field{
		{"cfkInternalState", text, first}, {"cmfSync", cmfSync, first}, {"conditions", confluentConditions, first}, {"observedGeneration", int64s, first},
	}, own...)...)
}

var confluentKinds = []confluentKind{
	{"CMFRestClass", needing(object(field{"cmfRest", object(
		field{"authentication", needing(object(
			field{"basic", object(
				field{"debug", boolean, first}, field{"directoryPathInContainer", given, first}, field{"ignoreRoles", boolean, first},
				field{"restrictedRoles", atLeastOne(texts), first}, field{"roles", texts, first}, field{"secretRef", secretShort, first},
			), first},
			field{"bearer", object(field{"directoryPathInContainer", given, first}, field{"secretRef", secretShort, first}), first},
			field{"oauth", needing(object(
				field{"configuration", oauthConfiguration, first}, field{"directoryPathInContainer", given, first}, field{"secretRef", secretShort, first},
			), "configuration"), first},
			field{"sslClientAuthentication", boolean, first},
			field{"type", enum("basic", "bearer", "mtls", "oauth"), first},
		), "type"), first},
		field{"endpoint", matching(given, "^https?://.*"), first},
		field{"tls", object(
			field{"directoryPathInContainer", given, first}, field{"jksPassword", needing(object(field{"secretRef", secretShort, first}), "secretRef"), first},
			field{"secretRef", secretLong, first},
		), first},
	), first}), "cmfRest"), object(
		field{"conditions", confluentConditions, first}, field{"endpoint", text, first}, field{"observedGeneration", int64s, first}, field{"state", text, first},
	)},
	{"FlinkEnvironment", ruled(needing(object(
		field{"cmfRestClassRef", classRef, first}, field{"computePoolDefaults", anything, first}, field{"flinkApplicationDefaults", anything, first},
		field{"kubernetesClusterName", text, first}, field{"kubernetesNamespace", text, first}, field{"secrets", labels, first},
		field{"statementDefaults", object(field{"detached", defaultsOf, first}, field{"interactive", defaultsOf, first}), first},
	), "kubernetesNamespace"), "self.kubernetesNamespace == oldSelf.kubernetesNamespace", "kubernetesNamespace is immutable"), synced(
		field{"kubernetesCluster", object(
			field{"kubernetesVersion", text, first}, field{"lastHeartbeatTimestamp", text, first}, field{"message", text, first},
			field{"state", enum("CONNECTED", "DECOMMISSIONED", "DISCONNECTED"), first},
		), first},
		field{"resourceSummary", resourceSummary, first}, field{"resources", resourceCounts, first},
	)},
	{"FlinkApplication", confluentApplication, confluentApplicationStatus},
	{
		"FlinkComputePool", ruled(ruled(ruled(needing(object(
			field{"clusterSpec", anything, first}, field{"cmfRestClassRef", classRef, first}, field{"flinkEnvironment", given, first},
			field{"state", enum("RUNNING", "SUSPENDED"), first}, field{"type", enum("DEDICATED", "SHARED"), first},
		), "clusterSpec", "flinkEnvironment", "type"),
			"self.type == oldSelf.type", "type is immutable"), unmoved[0], unmoved[1]),
			"self.type == 'SHARED' || !has(self.state)", "spec.state is only valid for SHARED compute pools; DEDICATED pools must omit it"),
		needing(open(synced(
			field{"message", text, first}, field{"phase", text, first}, field{"resourceSummary", resourceSummary, first},
			field{"resources", resourceCounts, first}, field{"warning", text, first},
		)), "phase"),
	},
	{
		"FlinkStatement", ruled(needing(object(
			field{"cmfRestClassRef", classRef, first}, field{"computePoolName", text, first}, field{"flinkConfiguration", labels, first},
			field{"flinkEnvironment", inEnvironment, first}, field{"parallelism", formatted(integer, "int32"), first}, field{"properties", labels, first},
			field{"startFromSavepoint", object(
				field{"allowNonRestoredState", boolean, first}, field{"initialSavepointPath", text, first}, field{"savepointName", text, first},
				field{"savepointRedeployNonce", int64s, first}, field{"uid", text, first},
			), first},
			field{"statement", text, first}, field{"stopped", boolean, first},
		), "computePoolName", "flinkEnvironment", "statement"),
			"self.statement == oldSelf.statement || oldSelf.statement == ''", "statement is immutable once running"),
		needing(synced(
			field{"detail", text, first}, field{"phase", text, first}, field{"resourceSummary", resourceSummary, first},
			field{"traits", object(
				field{"isAppendOnly", boolean, first}, field{"isBounded", boolean, first},
				field{"schema", needing(object(field{"columns", list(needing(object(field{"name", text, first}, field{"type", anything, first}), "name", "type")), first}), "columns"), first},
				field{"sqlKind", text, first}, field{"upsertColumns", list(formatted(integer, "int32")), first},
			), first},
			field{"warning", text, first},
		), "phase"),
	},
	{"FlinkKafkaCatalog", needing(object(
		field{"cmfRestClassRef", classRef, first}, field{"flinkEnvironment", inEnvironment, first},
		field{"kafkaClusters", list(needing(object(
			field{"connectionConfig", labels, first}, field{"connectionSecretId", text, first}, field{"databaseName", text, first},
		), "connectionConfig", "databaseName")), first},
		field{"srInstance", connection, first},
	), "flinkEnvironment", "srInstance"), synced(field{"environmentsWithAccess", texts, first})},
	{"FlinkKafkaDatabase", needing(object(
		field{"catalogRef", named, first}, field{"cmfRestClassRef", classRef, first}, field{"connectionSecretRef", named, first},
		field{"ddlEnvironments", texts, first}, field{"flinkEnvironment", inEnvironment, first}, field{"kafkaCluster", connection, first},
	), "catalogRef", "flinkEnvironment", "kafkaCluster"), synced(field{"environmentsWithAccess", texts, first})},
	{
		"FlinkSecret", needing(object(field{"cmfRestClassRef", classRef, first}, field{"secretRef", secretLong, first}), "secretRef"),
		synced(field{"observedSecretResourceVersion", text, first}),
	},
	{"FlinkEnvironmentSecretMapping", needing(object(
		field{"cmfRestClassRef", classRef, first}, field{"flinkEnvironment", inEnvironment, first}, field{"secretName", text, first}, field{"secretRef", named, first},
	), "flinkEnvironment", "secretRef"), synced()},
}

var (
	jwtFile            = object(field{"directoryPathInContainer", given, first}, field{"secretRef", secretShort, first})
	oauthConfiguration = object(
		field{"audience", given, first},
		field{"clientAssertion", object(
			field{"clientId", given, first}, field{"jwtTokenFile", jwtFile, first},
			field{"localClientAssertion", object(
				field{"audience", given, first}, field{"includeJtiClaim", boolean, first}, field{"includeNbfClaim", boolean, first}, field{"issuer", given, first},
				field{"privateKeyFile", object(
					field{"directoryPathInContainer", given, first}, field{"encryptedPrivateKey", boolean, first},
					field{"includeAssertionTemplate", boolean, first}, field{"secretRef", secretShort, first},
				), first},
				field{"subject", given, first}, field{"tokenLifetime", formatted(integer, "int32"), first},
			), first},
		), first},
		field{"expectedIssuer", given, first}, field{"groupsClaimName", given, first}, field{"jwksEndpointUri", given, first},
		field{"loginConnectTimeoutMs", formatted(integer, "int32"), first}, field{"loginReadTimeoutMs", formatted(integer, "int32"), first},
		field{"loginRetryBackoffMaxMs", formatted(integer, "int32"), first}, field{"loginRetryBackoffMs", formatted(integer, "int32"), first},
		field{"scope", given, first}, field{"subClaimName", given, first}, field{"tokenEndpointUri", given, first},
	)
)

// ConfluentDefinitions returns the custom resource definitions of Confluent for Kubernetes
// that are about Flink.
func ConfluentDefinitions() []*apiextensions.CustomResourceDefinition {
	var out []*apiextensions.CustomResourceDefinition
	for _, k := range confluentKinds {
		root := object(field{"apiVersion", text, first}, field{"kind", text, first}, field{"metadata", empty, first}, field{"spec", k.spec, first}, field{"status", k.status, first})(first)
		singular := strings.ToLower(k.name)
		plural := Plural(k.name)
		out = append(out, &apiextensions.CustomResourceDefinition{
			TypeMeta:   meta.TypeMeta{APIVersion: apiextensions.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
			ObjectMeta: meta.ObjectMeta{Name: plural + "." + ConfluentGroup},
			Spec: apiextensions.CustomResourceDefinitionSpec{
				Group: ConfluentGroup, Scope: apiextensions.NamespaceScoped,
				Names: apiextensions.CustomResourceDefinitionNames{Kind: k.name, ListKind: k.name + "List", Plural: plural, Singular: singular},
				Versions: []apiextensions.CustomResourceDefinitionVersion{{
					Name: ConfluentVersion, Served: true, Storage: true,
					Schema:       &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &root},
					Subresources: &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
				}},
			},
		})
	}
	return out
}

// Plural is the name of a kind of Confluent for Kubernetes in paths.
func Plural(kind string) string {
	name := strings.ToLower(kind)
	if strings.HasSuffix(name, "s") {
		return name + "es"
	}
	return name + "s"
}

// InstallConfluent applies the definitions of Confluent for Kubernetes, as Install does with
// those of the operator.
func InstallConfluent(ctx context.Context, config *rest.Config) error {
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	var applied sync.WaitGroup
	definitions := ConfluentDefinitions()
	errs := make([]error, len(definitions))
	for i, definition := range definitions {
		applied.Go(func() {
			if err := apply(ctx, client.CustomResourceDefinitions(), definition); err != nil {
				errs[i] = fmt.Errorf("applying %s of Confluent for Kubernetes: %w", definition.Name, err)
			}
		})
	}
	applied.Wait()
	return errors.Join(errs...)
}
