package cloudflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Names of Cloudflow's objects.
const (
	// Group, Version and Plural are those of the resource that is an application.
	Group   = "cloudflow.lightbend.com"
	Version = "v1alpha1"
	Kind    = "CloudflowApplication"
	Plural  = "cloudflowapplications"

	// ServiceAccount is that of pods of applications that name none (Name.ofServiceAccount).
	ServiceAccount = "cloudflow-app-serviceaccount"
	// LoggingSecret has the logback.xml of a namespace's applications under LoggingKey.
	LoggingSecret = "logging"
	LoggingKey    = "logback.xml"

	// OperatorNamespace is where Cloudflow's installation puts its operator.
	OperatorNamespace = "cloudflow"
	// ProtocolLabel is on the Secret that says under ProtocolKey which protocol an operator speaks,
	// and Protocol is the one of this package (App.ProtocolVersion).
	ProtocolLabel = "cloudflow-protocol-version"
	ProtocolKey   = "protocol-version"
	Protocol      = "7"
)

// Labels that Cloudflow reads (CloudflowLabels). Its operator ignores a resource without ManagedByLabel.
const (
	ManagedByLabel = "app.kubernetes.io/managed-by"
	ManagedBy      = "cloudflow"
	partOfLabel    = "app.kubernetes.io/part-of"
	appLabel       = "com.lightbend.cloudflow/app-id"
	// StreamletLabel has the name of a streamlet on its pods and on its Secret.
	StreamletLabel = "com.lightbend.cloudflow/streamlet-name"
)

// Labels are those of everything that belongs to an application.
func Labels(app string) map[string]string {
	return map[string]string{ManagedByLabel: ManagedBy, partOfLabel: app, appLabel: app}
}

// PodSelector picks the pods of a streamlet.
func PodSelector(app, streamlet string) string {
	return appLabel + "=" + app + "," + StreamletLabel + "=" + streamlet
}

// EntryName is what a descriptor calls a streamlet of an application.
func EntryName(app, streamlet string) string { return app + "." + streamlet }

// DeploymentOf is the name of the Deployment of a streamlet that the descriptor calls so (Name.ofPod, of
// the names that Validate lets pass).
func DeploymentOf(entry string) string { return strings.ReplaceAll(entry, ".", "-") }

// InputSecret is the Secret with the configuration of a whole application, under InputKey.
func InputSecret(app string) string { return "config-" + app }

// InputKey is the key in InputSecret.
const InputKey = "secret.conf"

// secretInfix tells the Secrets of streamlets from those with application documents.
const secretInfix = "-config-"

// SecretName is the Secret of a streamlet with some content. It goes by the content, so that another
// configuration is another volume of the pods: the operator restarts those of this streamlet alone, and
// a version that is rolled back finds its own. Changing a Secret in place would have the operator label
// the pods with the time, and take the label off again, with another restart, at the next change of any
// streamlet.
func SecretName(app, streamlet string, values map[string]string) string {
	return DeploymentOf(EntryName(app, streamlet)) + secretInfix + fingerprint(values)
}

// Unchanged tells whether the Secret of a name has what it was written with.
func Unchanged(name string, values map[string]string) bool {
	_, sum, has := strings.Cut(name, secretInfix)
	for has && strings.Contains(sum, secretInfix) {
		_, sum, has = strings.Cut(sum, secretInfix)
	}
	return has && sum == fingerprint(values)
}

// fingerprint is of what Cloudflow reads.
func fingerprint(values map[string]string) string {
	read := map[string]string{}
	for _, key := range keys {
		read[key] = values[key]
	}
	// A map of texts can always be encoded.
	text, _ := json.Marshal(read) //nolint:errchkjson // a map of texts
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:5])
}

// TopicMapPrefix begins the names of the ConfigMaps of topics.
const TopicMapPrefix = "topic-"

// Selector picks what the operator has made for an application.
func Selector(app string) string {
	return ManagedByLabel + "=" + ManagedBy + "," + partOfLabel + "=" + app
}

// TopicMap is the ConfigMap that the operator keeps for a topic (TopicActions.resource).
func TopicMap(topic string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '.':
			return r
		case r == '_':
			return '-'
		}
		return -1
	}, strings.ToLower(TopicMapPrefix+topic))
	const longest = 253
	return strings.Trim(name[:min(len(name), longest)], "-.")
}

// IsOf tells whether labels are those of something that the operator has made for an application.
func IsOf(labels map[string]string, app string) bool {
	return labels[ManagedByLabel] == ManagedBy && labels[partOfLabel] == app
}
