package operator

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// checkTimeout bounds a check. The API server waits for a webhook for 10 s
// unless its configuration says otherwise.
const checkTimeout = 12 * time.Second

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
func askWebhook(ctx context.Context, c cluster, kind kube.Kind, object *unstructured.Unstructured, exists bool) error {
	webhook := c.ValidatingWebhook(ctx, kind)
	if webhook == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
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
		rejected := explainDenial(denied.Message, kind, object)
		if message, path, unreadable := javaFault(denied.Message); unreadable {
			rejected = &explained{RejectedError: platform.RejectedError{Path: path, Message: message}}
		}
		if rejected.change && !exists {
			// What is there already is going away.
			return nil
		}
		rejected.By = "the webhook " + denied.Admission
		return &rejected.RejectedError
	case errors.As(err, &invalid):
		return err
	case errors.As(err, &server) && server.Code == http.StatusInternalServerError, errors.As(err, &unavailable):
		if message, path, unreadable := javaFault(err.Error()); unreadable {
			return &platform.RejectedError{By: "the operator's webhook", Path: path, Message: message}
		}
		// What follows is a stack trace.
		reason, _, _ := strings.Cut(unescaped.Replace(err.Error()), "\n\tat ")
		return &platform.UncheckedError{Err: errors.New(reason)}
	}
	// There is no namespace yet, no definition of the kind, or no right to write: the apply will tell, if it is still so then.
	logctx.From(ctx).InfoContext(ctx, "The operator's webhook was not asked", "webhook", webhook, "error", err.Error())
	return nil
}

// javaFault finds what a stack trace of the operator's JSON reader says of a
// value that it cannot read, and the value's path.
func javaFault(text string) (message string, path flink.Path, ok bool) {
	_, after, ok := strings.Cut(unescaped.Replace(text), "IllegalArgumentException: ")
	if !ok {
		return "", nil, false
	}
	message, _, _ = strings.Cut(after, " at [Source")
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	if _, chain, found := strings.Cut(after, "through reference chain: "); found {
		chain, _, _ = strings.Cut(chain, ")")
		for _, field := range referenceField.FindAllStringSubmatch(chain, -1) {
			path = append(path, field[1])
		}
	}
	if len(path) > 0 && path[0] == "spec" {
		path = path[1:]
	}
	return message, path, true
}

// unescaped undoes how the API server quotes the answer of a webhook.
var unescaped = strings.NewReplacer(`\"`, `"`, `\n`, "\n", `\t`, "\t")
