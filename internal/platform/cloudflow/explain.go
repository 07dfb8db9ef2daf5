package cloudflow

import (
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// explain returns an error of Kubernetes as one of the platform.
func explain(err error) error {
	var unserved *kube.NotServedError
	if errors.As(err, &unserved) && unserved.Kind == applicationKind {
		return &platform.ExplainedError{
			Cause: "the cluster does not know " + unserved.Kind.Kind, Err: err,
			Remedy: "Install Cloudflow with its custom resource definition, or take an environment of the platform \"operator\" for an application without streamlets of Akka.",
		}
	}
	return operator.Explain(err)
}
