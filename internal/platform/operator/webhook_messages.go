package operator

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// messageRule says which value a message of the operator's validator is about.
type messageRule struct {
	message *regexp.Regexp
	// path leads to the value; a step "$1" is what the message has there.
	path flink.Path
	// change tells that the message is about the difference to the object that
	// is there.
	change bool
}

func about(message string, path ...string) messageRule {
	return messageRule{message: regexp.MustCompile(message), path: path}
}

func aboutChange(message string, path ...string) messageRule {
	return messageRule{message: regexp.MustCompile(message), path: path, change: true}
}

// messageRules has a row for each message of DefaultValidator and
// AutoscalerValidator of operator 1.7 to 1.16 that names a value, in the order of
// the rules there.
var messageRules = []messageRule{
	about(`^The FlinkSessionJob name: `, "deploymentName"),
	about(`^The FlinkDeployment name: `, "metadata", "name"),
	about(`^Flink Version must be defined`, "flinkVersion"),
	about(`^Flink version .* is not supported`, "flinkVersion"),
	aboutChange(`^Changing flinkVersion after last-state suspend`, "flinkVersion"),
	about(`^Forbidden Flink config key: ([^\s,]+)`, "flinkConfiguration", "$1"),
	about(`^HA must be enabled for rollback support`, "flinkConfiguration", "kubernetes.operator.deployment.rollback.enabled"),
	about(`^Deployment recovery \(([^)]+)\) must be enabled`, "flinkConfiguration", "$1"),
	about(`^Ingress template must be defined`, "ingress", "template"),
	about(`^Unable to process the Ingress template`, "ingress", "template"),
	about(`^Invalid log config key: (.+?)(?:\. Allowed|$)`, "logConfiguration", "$1"),
	about(`^Checkpoint directory\[([^\]]+)\] must be defined`, "flinkConfiguration", "$1"),
	about(`config key\[([^\]]+)\] (?:is not set|must be set)`, "flinkConfiguration", "$1"),
	about(`^TaskManager replicas `, "taskManager", "replicas"),
	about(`^Job parallelism `, "job", "parallelism"),
	about(`^JobManager resource memory `, "jobManager", "resource", "memory"),
	about(`^JobManager resource ephemeral storage `, "jobManager", "resource", "ephemeralStorage"),
	about(`^JobManager resource`, "jobManager", "resources"),
	about(`^JobManager replicas `, "jobManager", "replicas"),
	about(`^High availability should be enabled when starting standby JobManagers`, "jobManager", "replicas"),
	about(`^TaskManager resource memory `, "taskManager", "resource", "memory"),
	about(`^TaskManager resource ephemeral storage `, "taskManager", "resource", "ephemeralStorage"),
	about(`^TaskManager resource`, "taskManager", "resources"),
	aboutChange(`^Cannot switch from (?:session to job|job to session) cluster`, "job"),
	aboutChange(`^Cannot switch from (?:native|standalone) kubernetes`, "mode"),
	aboutChange(`^InitialSavepointPath must not be empty`, "job", "initialSavepointPath"),
	about(`^spec\.serviceAccount must be defined`, "serviceAccount"),
	about(`(job\.autoscaler\.[a-z0-9.-]*[a-z0-9])`, "flinkConfiguration", "$1"),
	about(`^The job spec should not be empty`, "job"),
	aboutChange(`^The deploymentName can't be changed`, "deploymentName"),
	about(`^Can not submit session job to application cluster`, "deploymentName"),
	about(`(?i)\bjar ?URI\b`, "job", "jarURI"),
	about(`^Job reference must be supplied`, "jobReference"),
	about(`^Target for snapshot `, "jobReference", "name"),
}

// explained is a denial, and whether it is about the difference to the object
// that is there.
type explained struct {
	platform.RejectedError
	change bool
}

// explainDenial finds the value that a message of a webhook is about. A message
// of a validator that is not the operator's own may name a configuration key.
func explainDenial(message string, kind kube.Kind, object *unstructured.Unstructured) *explained {
	denial := &explained{RejectedError: platform.RejectedError{Message: message}}
	for _, rule := range messageRules {
		found := rule.message.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		denial.change = rule.change
		for _, step := range rule.path {
			if step == "$1" {
				step = found[1]
			}
			denial.Path = append(denial.Path, step)
		}
		if kind == sessionJobKind && denial.Path[0] == "metadata" {
			// The operator 1.15 checks the cluster's name with the words for a deployment.
			denial.Path = flink.Path{"deploymentName"}
		}
		return denial
	}
	spec, _ := object.Object["spec"].(map[string]any)
	longest := ""
	for key := range flink.Flatten(spec["flinkConfiguration"]) {
		if strings.Contains(message, key) && len(key) > len(longest) {
			longest = key
		}
	}
	if longest != "" {
		denial.Path = flink.Path{"flinkConfiguration", longest}
	}
	return denial
}

// referenceField is a step of the chain with which Jackson names a value, as
// org.apache.flink.…FlinkDeploymentSpec["flinkVersion"].
var referenceField = regexp.MustCompile(`\["([^"\]]+)"\]`)
