package clowder

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Delete implements platform.Deployments. The pod stops when Clowder takes the Deployment away;
// what leads to the newest checkpoint stays.
func (d deployments) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	var out platform.Deleted
	d.on.creating.Delete(ref)
	found, err := d.same(ctx, ref, options.UID)
	if other := (*platform.OtherObjectError)(nil); isGone(err) || errors.As(err, &other) {
		// Somebody else's of the name stays.
		return out, nil
	}
	if err != nil {
		return out, err
	}
	spec, err := flink.SpecOf(clowd.Live(found.Place, found.entry, found.mark))
	if err != nil {
		return out, err
	}
	err = d.on.takeOut(ctx, found.key, clowd.Idle, func(app flink.Tree) (flink.Tree, error) {
		entry, _ := clowd.EntryOf(app, found.Entry)
		if mark, marked := clowd.MarkOf(entry); !marked || mark.UID != found.mark.UID {
			return app, nil
		}
		return clowd.WithoutEntry(app, found.Entry), nil
	})
	if err == nil {
		err = d.on.gone(ctx, found.placed, found.mark.UID)
	}
	if err == nil {
		out.Note = d.on.leftBehind(context.WithoutCancel(ctx), found.placed, spec)
	}
	return out, err
}

// gone waits until Clowder has taken the Deployment of an entry away.
func (p *Platform) gone(ctx context.Context, at placed, uid string) error {
	return watch.Wait[news]{
		See: func(n news) bool {
			tree, err := treeOf(n.Object)
			mark, marked := clowd.MarkOf(tree)
			return err == nil && (n.Object == nil || marked && mark.UID != uid)
		},
		Trouble: unhealing,
	}.Until(ctx, p.following(deploymentKind, keyIn(at.key.Namespace, at.Deployment())))
}
