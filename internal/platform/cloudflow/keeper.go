package cloudflow

import (
	"context"
	"errors"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// KeepSecret implements platform.SecretKeeper.
func (d deployments) KeepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret) error {
	if secret.Create {
		return d.jobs.KeepSecret(ctx, ref, secret)
	}
	found, err := d.akka(ctx, ref)
	switch {
	case err != nil:
		return explain(err)
	case found == nil:
		return d.jobs.KeepSecret(ctx, ref, secret)
	}
	if err := checkSame(ref, found, secret.UID); err != nil {
		return err
	}
	_, err = d.apps.cluster.Apply(ctx, secretKind, operator.SecretOf(ref, secret), kube.ApplyOptions{Force: true})
	return explain(err)
}

// DiscardSecret implements platform.SecretKeeper. A create that was refused takes nothing from the streamlet that is there.
func (d deployments) DiscardSecret(ctx context.Context, ref platform.Ref, name string, failed error) error {
	found, err := d.akka(ctx, ref)
	if err != nil || found != nil {
		return explain(err)
	}
	return d.jobs.DiscardSecret(ctx, ref, name, failed)
}

// DropSecrets implements platform.SecretKeeper: a streamlet that is gone has none left, of whatever kind, and no entry, which a
// destroy that was cut may have left; of one that is there, the Secrets of former versions go.
func (d deployments) DropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	if err := d.jobs.DropSecrets(ctx, ref, except...); err != nil {
		return err
	}
	found, err := d.apps.find(ctx, ref)
	if err != nil && !isUnserved(err) {
		return explain(err)
	}
	if found != nil && len(except) > 0 {
		return explain(d.apps.dropSecrets(ctx, ref, found.entry.Secret))
	}
	if found != nil {
		_, err = d.jobs.Read(ctx, ref)
		if gone := (*platform.NotFoundError)(nil); found.entry.Runtime == core.RuntimeAkka || !errors.As(err, &gone) {
			return nil
		}
	}
	return explain(d.apps.forget(ctx, ref, found))
}

// KeepsSecrets implements platform.StreamletFinder.
func (d deployments) KeepsSecrets(ctx context.Context, ref platform.Ref) (bool, error) {
	keeps, err := d.jobs.KeepsSecrets(ctx, ref)
	if keeps || err != nil {
		return keeps, err
	}
	found, err := d.apps.cluster.List(ctx, secretKind, ref.Namespace, ofLabel+"="+ref.Name)
	return len(found) > 0, explain(err)
}
