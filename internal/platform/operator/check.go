package operator

import (
	"context"
	"errors"
	"net/http"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Check asks the operator's webhook whether it would take the deployment, where
// one is installed, by an apply that stores nothing.
func (d *Deployments) Check(ctx context.Context, want platform.Deployment, exists bool) error {
	object, err := objectOf(d.kind, want)
	if err != nil {
		return err
	}
	return askWebhook(ctx, d.cluster, d.kind, object, exists)
}

// askWebhook is Check for an object of any kind of the operator.
func askWebhook(ctx context.Context, c Store, kind kube.Kind, object *unstructured.Unstructured, exists bool) error {
	webhook := c.ValidatingWebhook(ctx, kind)
	if webhook == "" {
		return nil
	}
	// Fields of others are no matter of validation; the apply itself tells of them.
	_, err := c.Apply(ctx, kind, object, kube.ApplyOptions{DryRun: true, Force: true, Probe: true})
	if err == nil {
		return nil
	}
	var (
		denied      *kube.DeniedError
		invalid     *kube.InvalidError
		server      *kube.ServerError
		unavailable *kube.WebhookUnavailableError
	)
	switch {
	case errors.As(err, &denied) && denied.Admission != "":
		spec, _ := object.Object["spec"].(map[string]any)
		denial := fko.Explain(denied.Message, spec, kind == sessionJobKind)
		if denial.Change && !exists {
			// What is there already is going away.
			return nil
		}
		remedy, _ := fko.JarRemedy(denial.Message)
		return &platform.RejectedError{By: "the webhook " + denied.Admission, Path: denial.Path, Message: denial.Message, Remedy: remedy}
	case errors.As(err, &invalid):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		// The API server itself waits longer for a webhook, 10 s by default.
		return unchecked("no answer in time")
	case errors.As(err, &server) && server.Code == http.StatusInternalServerError, errors.As(err, &unavailable):
		if fault, unreadable := fko.ReadingFault(err.Error()); unreadable {
			return &platform.RejectedError{By: "the operator's webhook", Path: fault.Path, Message: fault.Message}
		}
		return unchecked(fko.WithoutTrace(err.Error()))
	}
	// There is no namespace yet, no definition of the kind, or no right to write: the apply will tell, if it is still so then.
	logctx.From(ctx).InfoContext(ctx, "The operator's webhook was not asked", "webhook", webhook, "error", err.Error())
	return nil
}

// unchecked says why the webhook has not answered.
func unchecked(why string) error {
	return &platform.UncheckedError{
		Who: "The operator's webhook is installed, but does not answer", Err: errors.New(why),
		Remedy: "An apply needs the webhook: see that the operator's pod runs.",
	}
}
