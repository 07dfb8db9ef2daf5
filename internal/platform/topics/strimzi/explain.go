package strimzi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// NotInstalledError says that the cluster has no definition of topics, so that there can be
// no resource either. It comes inside a *platform.ExplainedError.
type NotInstalledError struct {
	// Endpoint is the URL of the API server.
	Endpoint string
	// Err is what came back.
	Err error
}

func (e *NotInstalledError) Error() string {
	return fmt.Sprintf("The API server at %s serves %s neither in %s nor in %s: the custom resource definition %s is not installed.",
		e.Endpoint, topicKind.Kind, topicKind.GroupVersion(), olderTopicKind.GroupVersion(), definition)
}

func (e *NotInstalledError) Unwrap() error { return e.Err }

// explain returns an error of this package or of Kubernetes as one of the platform.
func explain(err error) error {
	var (
		told         *platform.ExplainedError
		rollout      *platform.RolloutError
		exists       *platform.ExistsError
		notInstalled *NotInstalledError
		notServed    *kube.NotServedError
		conflict     *kube.ConflictError
		invalid      *kube.InvalidError
		denied       *kube.DeniedError
		noNamespace  *kube.NamespaceNotFoundError
		unreachable  *kube.UnreachableError
		credentials  *kube.CredentialsError
		webhook      *kube.WebhookUnavailableError
		notFound     *kube.NotFoundError
	)
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch {
	case err == nil, errors.As(err, &told), errors.As(err, &exists):
		return err
	case errors.As(err, &rollout):
		return rollout
	case errors.As(err, &notInstalled), errors.As(err, &notServed):
		return because("the cluster does not know "+topicKind.Kind,
			"Install Strimzi with its custom resource definition "+definition+" (0.22 or newer), or give the environment's kafka another provider: direct makes topics without Strimzi.")
	case errors.As(err, &conflict):
		return conflicts(conflict)
	case errors.As(err, &invalid):
		return rejected(invalid)
	case errors.As(err, &denied) && denied.Admission != "":
		return because("admission control refuses it", fmt.Sprintf("Correct the configuration as the message of %s asks.", denied.Admission))
	case errors.As(err, &denied):
		user := denied.User
		if user == "" {
			user = "the user of these credentials"
		}
		return because("it is not allowed",
			fmt.Sprintf("Grant %s the verb %s on %s, or use other credentials in the provider block's kubernetes. Topics need get, list, watch, create, patch and delete.", user, denied.Verb, denied.Resource))
	case errors.As(err, &noNamespace):
		return because("the namespace of the topics does not exist", "Correct namespace in the environment's kafka: it is where Strimzi's Kafka is.")
	case errors.As(err, &unreachable):
		return because("the Kubernetes cluster cannot be reached",
			"Check that the cluster runs and that this machine reaches it, and that the provider block's kubernetes (or KUBECONFIG) names the right one.")
	case errors.As(err, &credentials):
		return because("the Kubernetes cluster does not accept the credentials",
			"Check token, client_certificate or exec in the provider block's kubernetes, or the user in the kubeconfig.")
	case errors.As(err, &webhook):
		return because("a webhook of the cluster does not answer", "Check that what serves the webhook runs, then apply again.")
	case errors.As(err, &notFound):
		return because("its resource does not exist", "Apply again: Terraform then creates it anew.")
	case errors.Is(err, context.DeadlineExceeded):
		return because("it takes too long", "Raise the timeout in the attribute timeouts, or look at the resource with kubectl describe.")
	}
	return err
}

// conflicts names the fields that others own, by their paths in a topic.
func conflicts(err *kube.ConflictError) error {
	fields := make([]platform.Field, len(err.Fields))
	for i, f := range err.Fields {
		path := pathOf(f.Path)
		fields[i] = platform.Field{
			Path:    path,
			Summary: fmt.Sprintf("%s is managed by %q", orField(path, f.Path), f.Manager),
			Detail:  "Somebody else manages this field with another value. Leave it to them and remove it here, have them give it up, or set force_conflicts = true in the provider block to take it.",
		}
	}
	return &platform.FieldsError{Err: err, Fields: fields}
}

// rejected names the fields that the API server does not take.
func rejected(err *kube.InvalidError) error {
	if len(err.Causes) == 0 {
		return &platform.ExplainedError{Cause: "the Kubernetes cluster rejects it", Err: err, Remedy: "Correct the configuration."}
	}
	fields := make([]platform.Field, len(err.Causes))
	for i, c := range err.Causes {
		path := pathOf(c.Field)
		fields[i] = platform.Field{Path: path, Summary: "the cluster rejects " + orField(path, c.Field), By: "The API server", Message: c.Message}
	}
	return &platform.FieldsError{Err: err, Fields: fields}
}

// pathOf is the value in a topic that a field of its resource is made of, nil for none.
func pathOf(field string) flink.Path {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(field, "."), "spec.")
	if !ok {
		return nil
	}
	if key, isConfig := strings.CutPrefix(rest, "config."); isConfig {
		return flink.Path{"config", key}
	}
	switch rest {
	case "topicName":
		return flink.Path{"topicName"}
	case "partitions", "replicas", "config":
		return flink.Path{rest}
	}
	return nil
}

func orField(path flink.Path, field string) string {
	switch {
	case path == nil:
		return strings.TrimPrefix(field, ".")
	case len(path) > 1:
		return fmt.Sprintf("%s[%q]", path[0], path[1])
	}
	return path.Attribute()
}
