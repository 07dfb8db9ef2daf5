package blueprint

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// longestLabel is how many characters a DNS label has at most.
const longestLabel = validation.DNS1123LabelMaxLength

var (
	// portPattern leaves the dot out: it separates the streamlet from its port.
	portPattern      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)
	configKeyPattern = regexp.MustCompile(`^[^\s\p{C}]{1,253}$`)
	versionPattern   = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	// partPattern is a DNS label that may begin with a digit, because another one is before.
	partPattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

	// topicPattern and longestTopicName are those of org.apache.kafka.common.internals.Topic.
	topicPattern = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

const longestTopicName = 249

// labelProblem says why a text cannot begin the names of deployments, empty for nothing.
func labelProblem(text string) string {
	if len(validation.IsDNS1035Label(text)) == 0 {
		return ""
	}
	return "A name has at most 63 lower case letters, digits and hyphens, a letter first, a letter or digit last."
}

// partProblem says why a text cannot end the name of a deployment, empty for nothing.
func partProblem(text string) string {
	if partPattern.MatchString(text) {
		return ""
	}
	return "A name has lower case letters, digits and hyphens, a letter or digit first and last."
}

// objectProblem says why a text is no name of a Kubernetes object, empty for nothing.
func objectProblem(text string) string {
	if problems := validation.IsDNS1123Subdomain(text); len(problems) > 0 {
		return flink.Sentence(problems[0])
	}
	return ""
}

// dataKeyProblem says why a text is no key of a Secret's data, empty for nothing.
func dataKeyProblem(text string) string {
	if problems := validation.IsConfigMapKey(text); len(problems) > 0 {
		return flink.Sentence(problems[0])
	}
	return ""
}

// topicProblem says why Kafka has no topic of a name, empty for nothing.
func topicProblem(name string) string {
	switch {
	case name == "":
		return "The name is empty."
	case name == "." || name == "..":
		return "Kafka keeps topics in folders of their names, and these names are taken."
	case len(name) > longestTopicName:
		return "A name has at most 249 characters."
	case !topicPattern.MatchString(name):
		return "A name has letters, digits, dots, underscores and hyphens."
	}
	return ""
}

// metricName is the name that Kafka's metrics give a topic, of which no two may have the
// same (Topic.unifyCollisionChars).
func metricName(topic string) string { return strings.ReplaceAll(topic, ".", "_") }
