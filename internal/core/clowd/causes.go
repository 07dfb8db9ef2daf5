package clowd

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Cause is why a change does not come to its end.
type Cause struct {
	// Text is one line, and Remedy says what to do.
	Text, Remedy string
	// Lasting tells that it does not pass by itself when it has lasted for Patience.
	Lasting  bool
	Patience time.Duration
}

// Patience with what may pass: Clowder tries a ClowdApp again within 10 s, and the kubelet an
// image or a container after 10 s the first time.
const (
	appPatience = 20 * time.Second
	podPatience = 12 * time.Second
)

// PodCause is what is wrong with a pod, "Reason: message".
func PodCause(reason string) Cause {
	what, _, _ := strings.Cut(reason, ":")
	out := Cause{Text: reason, Patience: podPatience, Lasting: true, Remedy: "Correct the cause and apply again."}
	switch what {
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull":
		out.Text = "the image cannot be pulled: " + reason
		out.Remedy = "Correct image, the registry, or the pull secrets of the ClowdEnvironment, and apply again."
	case "Unschedulable":
		out.Lasting, out.Remedy = false, "Give the cluster nodes on which the pod fits, or lower job_manager.resource and task_manager.resource, and apply again."
	case "CrashLoopBackOff":
		out.Remedy = "Look at the log of the pod, correct the job or its configuration, and apply again."
	default:
		out.Lasting = strings.HasPrefix(reason, "container ") || strings.HasPrefix(what, "CreateContainer") || strings.HasPrefix(what, "RunContainer")
	}
	return out
}

// noTopic matches what Clowder says of a topic that mode app-interface does not find.
var noTopic = regexp.MustCompile(`No KafkaTopic named '([^']+)'(?: found in namespace '([^']+)')?`)

// AppCause is what Clowder says of a ClowdApp that it cannot carry out.
func AppCause(problem string) Cause {
	out := Cause{Text: "Clowder cannot carry it out: " + problem, Lasting: true, Patience: appPatience, Remedy: "Correct the cause, and apply again. Clowder tries it by itself too."}
	switch m := noTopic.FindStringSubmatch(problem); {
	case m != nil:
		out.Text = fmt.Sprintf("the topic %s has no KafkaTopic: %s", m[1], problem)
		out.Remedy = fmt.Sprintf("With clowder.kafka.mode = \"app-interface\" Clowder makes no topics: it only looks for a KafkaTopic %q. Create it, or take the mode \"operator\".", m[1])
	case strings.Contains(problem, "annot find kafka bootstrap service"):
		out.Remedy = "With clowder.kafka.mode = \"app-interface\" the Service of the brokers has to be there before. Create it, or correct clowder.kafka.cluster."
	case strings.Contains(problem, `no matches for kind "Kafka" in version`):
		out.Remedy = "Clowder speaks kafka.strimzi.io/v1beta2, which Strimzi 1.0 and newer do not have. Install Strimzi 0.51 or older, or take another clowder.kafka.mode."
	case strings.Contains(problem, "no listener status"), strings.Contains(problem, "no user status"):
		// The Kafka that Clowder has made takes minutes until Strimzi has it ready.
		out.Lasting, out.Remedy = false, "See that Strimzi's operator runs and makes the Kafka of the ClowdEnvironment ready, or raise the timeout in timeouts."
	case strings.Contains(problem, "not reconciled"), strings.Contains(problem, "env not ready"):
		out.Remedy = "Look at the conditions of the ClowdEnvironment: the application waits for it."
	case strings.Contains(problem, "issing dependencies"):
		out.Remedy = "The application waits for what it depends on. Create that, and apply again."
	}
	return out
}

// EventCause is what an event of a ClowdApp says that has no condition: without its environment
// it has no status at all.
func EventCause(reason, message string) (Cause, bool) {
	out := Cause{Text: strings.Join(strings.Fields(message), " "), Lasting: true, Patience: appPatience}
	switch reason {
	case "ClowdEnvMissing":
		out.Remedy = "Create the ClowdEnvironment, or correct the environment's name."
	case "ClowdEnvLocked", "ClowdEnvNotReconciled", "ClowdEnvNotReady":
		out.Remedy = "Look at the conditions of the ClowdEnvironment: the application waits for it."
	case "NamespaceMissing":
		out.Remedy = "Create the target namespace of the ClowdEnvironment."
	default:
		return Cause{}, false
	}
	return out, true
}

// noNamespace matches what Clowder says of a target namespace that does not exist.
var noNamespace = regexp.MustCompile(`(?i)namespace "?([^" ]+)"? not found`)

// EnvironmentCause is what Clowder says of a ClowdEnvironment that it cannot carry out.
func EnvironmentCause(problem string) Cause {
	out := AppCause(problem)
	if m := noNamespace.FindStringSubmatch(problem); m != nil {
		out.Text, out.Remedy = fmt.Sprintf("its target namespace %s does not exist", m[1]), "Create it, or have the environment do it (clowder.create_namespace)."
	}
	return out
}
