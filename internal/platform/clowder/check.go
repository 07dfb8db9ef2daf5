package clowder

import (
	"context"
	"errors"
	"net/http"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Check implements platform.Deployments: Clowder's webhook is asked, where one is installed, by an
// apply of the whole ClowdApp that stores nothing.
func (d deployments) Check(ctx context.Context, want platform.Deployment, _ bool) error {
	at, err := d.on.placeOf(ctx, want)
	if err != nil {
		return nil //nolint:nilerr // The environment may come with the same apply.
	}
	webhook := d.on.cluster.ValidatingWebhook(ctx, appKind)
	if webhook == "" {
		return nil
	}
	wanted, err := clowd.Entry(at.Place, want.Spec)
	if err != nil {
		return nil //nolint:nilerr // The rules have told it.
	}
	app := flink.Tree{"spec": flink.Tree{"envName": want.Namespace}}
	if found, err := d.on.cluster.Find(ctx, appKind, at.key); err == nil {
		if live, err := treeOf(found); err == nil {
			app["spec"] = live["spec"]
			if entry, has := clowd.EntryOf(live, at.Entry); has {
				wanted = flink.Overlay(entry, nil, wanted)
			}
		}
	}
	app["metadata"] = flink.Tree{"name": at.key.Name, "namespace": at.key.Namespace}
	object, err := objectOf(appKind, clowd.WithEntry(app, wanted))
	if err != nil {
		return err
	}
	_, err = d.on.cluster.Apply(ctx, appKind, object, kube.ApplyOptions{DryRun: true, Force: true, Probe: true})
	return answer(ctx, webhook, err)
}

// answer is what an apply that stores nothing has told.
func answer(ctx context.Context, webhook string, err error) error {
	var (
		denied      *kube.DeniedError
		invalid     *kube.InvalidError
		server      *kube.ServerError
		unavailable *kube.WebhookUnavailableError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &denied) && denied.Admission != "":
		return &platform.RejectedError{By: "the webhook " + denied.Admission, Message: denied.Message}
	case errors.As(err, &invalid):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &unavailable), errors.As(err, &server) && server.Code == http.StatusInternalServerError:
		return &platform.UncheckedError{Who: "Clowder's webhook is installed, but does not answer", Err: err, Remedy: "An apply needs the webhook: see that Clowder's pod runs."}
	}
	// There is no namespace yet, no definition of the kind, or no right to write: the apply will tell.
	logctx.From(ctx).InfoContext(ctx, "Clowder's webhook was not asked", "webhook", webhook, "error", err.Error())
	return nil
}
