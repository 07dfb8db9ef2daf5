package fko

import (
	"regexp"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
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

// Denial is what a message of the operator's webhook says.
type Denial struct {
	// Path leads to the value in the specification that the message is about,
	// empty when it names none; a name is at metadata, name.
	Path    flink.Path
	Message string
	// Change tells that it is about the difference to the object that is there.
	Change bool
}

// Explain finds the value that a message of a webhook is about. A message
// of a validator that is not the operator's own may name a configuration key.
func Explain(message string, spec flink.Tree, sessionJob bool) Denial {
	if fault, ok := ReadingFault(message); ok {
		return fault
	}
	denial := Denial{Message: message}
	for _, rule := range messageRules {
		found := rule.message.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		denial.Change = rule.change
		for _, step := range rule.path {
			if step == "$1" {
				step = found[1]
			}
			denial.Path = append(denial.Path, step)
		}
		if sessionJob && denial.Path[0] == "metadata" {
			// The operator 1.15 checks the cluster's name with the words for a deployment.
			denial.Path = flink.Path{"deploymentName"}
		}
		return denial
	}
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

// ReadingFault finds what a stack trace of the operator's JSON reader says of a
// value that it cannot read, and the value's path.
func ReadingFault(text string) (Denial, bool) {
	_, after, ok := strings.Cut(unescaped.Replace(text), "IllegalArgumentException: ")
	if !ok {
		return Denial{}, false
	}
	var fault Denial
	fault.Message, _, _ = strings.Cut(after, " at [Source")
	fault.Message, _, _ = strings.Cut(strings.TrimSpace(fault.Message), "\n")
	if _, chain, found := strings.Cut(after, "through reference chain: "); found {
		chain, _, _ = strings.Cut(chain, ")")
		for _, field := range referenceField.FindAllStringSubmatch(chain, -1) {
			fault.Path = append(fault.Path, field[1])
		}
	}
	if len(fault.Path) > 0 && fault.Path[0] == "spec" {
		fault.Path = fault.Path[1:]
	}
	return fault, true
}

// WithoutTrace returns the answer of a webhook in trouble without its stack trace.
func WithoutTrace(text string) string {
	reason, _, _ := strings.Cut(unescaped.Replace(text), "\n\tat ")
	return reason
}

// unescaped undoes how the API server quotes the answer of a webhook.
var unescaped = strings.NewReplacer(`\"`, `"`, `\n`, "\n", `\t`, "\t")

// referenceField is a step of the chain with which Jackson names a value, as
// org.apache.flink.…FlinkDeploymentSpec["flinkVersion"].
var referenceField = regexp.MustCompile(`\["([^"\]]+)"\]`)
