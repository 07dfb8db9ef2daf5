package clowder

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// attempts bounds how often a write is tried again that somebody else was before: Clowder
// writes a ClowdApp back as soon as it sees it, and other applies write other entries.
const attempts = 20

// pauseBefore is how long the first such try waits.
const pauseBefore = 20 * time.Millisecond

// edit changes a ClowdApp: change gets it as it is, and returns it as it shall be, which is
// written for that version alone. Of the specification only the entries and the topics are
// written, so all else stays with whoever wrote it.
func (p *Platform) edit(ctx context.Context, key kube.Key, change func(app flink.Tree) (flink.Tree, error)) (flink.Tree, error) {
	defer p.lock(key)()
	for try := 1; ; try++ {
		found, err := p.cluster.Get(ctx, appKind, key)
		if err != nil {
			return nil, err
		}
		app, err := treeOf(found)
		if err != nil {
			return nil, err
		}
		next, err := change(app)
		if err != nil {
			return nil, err
		}
		patch := kube.Patch{}
		for _, list := range []string{clowd.FieldDeployments, clowd.FieldTopics} {
			if before, after := listAt(app, "spec", list), listAt(next, "spec", list); !reflect.DeepEqual(before, after) {
				if after == nil {
					after = []any{}
				}
				patch.Set(after, "spec", list)
			}
		}
		if len(patch) == 0 {
			return app, nil
		}
		patch.Set(found.GetResourceVersion(), "metadata", "resourceVersion")
		written, err := p.cluster.MergePatch(ctx, appKind, key, patch)
		if err == nil {
			return treeOf(written)
		}
		if server := (*kube.ServerError)(nil); !errors.As(err, &server) || server.Code != http.StatusConflict || try == attempts {
			return nil, err
		}
		if err := pause(ctx, time.Duration(try)*pauseBefore); err != nil {
			return nil, err
		}
	}
}

// pause waits, until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin changes a ClowdApp, or creates it with what change makes of an empty one. One of the
// name that the provider has not made is refused.
func (p *Platform) begin(ctx context.Context, key kube.Key, environment string, change func(app flink.Tree) (flink.Tree, error)) (flink.Tree, error) {
	guarded := func(app flink.Tree) (flink.Tree, error) {
		if err := ours(app, key, environment); err != nil {
			return nil, err
		}
		return change(app)
	}
	for try := 1; ; try++ {
		written, err := p.edit(ctx, key, guarded)
		if !isAbsent(err) {
			return written, err
		}
		empty := flink.Tree{
			"metadata": flink.Tree{"name": key.Name, "namespace": key.Namespace, "labels": flink.Tree{platform.ApplicationLabel: key.Name}},
			"spec":     flink.Tree{"envName": environment},
		}
		app, err := change(empty)
		if err != nil {
			return nil, err
		}
		created, err := p.create(ctx, key, app)
		if exists := (*kube.ExistsError)(nil); !errors.As(err, &exists) || try == attempts {
			return created, err
		}
	}
}

func (p *Platform) create(ctx context.Context, key kube.Key, app flink.Tree) (flink.Tree, error) {
	defer p.lock(key)()
	object, err := objectOf(appKind, app)
	if err != nil {
		return nil, err
	}
	created, err := p.cluster.Create(ctx, appKind, object)
	if err != nil {
		return nil, err
	}
	return treeOf(created)
}

// ours refuses a ClowdApp that the provider has not made for an application of the environment.
func ours(app flink.Tree, key kube.Key, environment string) error {
	switch of := textAt(app, "spec", "envName"); {
	case textAt(app, "metadata", "labels", platform.ApplicationLabel) != key.Name:
		return &platform.ExistsError{Err: errors.New("ClowdApp " + key.String() + " exists already, and is none of a stream application: it has no label " + platform.ApplicationLabel)}
	case of != environment:
		return &platform.ExistsError{Err: errors.New("ClowdApp " + key.String() + " exists already in the ClowdEnvironment " + of), Ours: true}
	}
	return nil
}

// errEmpty tells that nothing would be left in a ClowdApp.
var errEmpty = errors.New("nothing is left in it")

// takeOut takes something out of a ClowdApp, and deletes it when nothing would be left in it (empty): such
// a one would belong to no state. One that is gone is no error.
func (p *Platform) takeOut(ctx context.Context, key kube.Key, empty func(app flink.Tree) bool, change func(app flink.Tree) (flink.Tree, error)) error {
	var uid types.UID
	_, err := p.edit(ctx, key, func(app flink.Tree) (flink.Tree, error) {
		next, err := change(app)
		if err == nil && empty(next) && textAt(app, "metadata", "labels", platform.ApplicationLabel) == key.Name {
			uid, err = types.UID(textAt(app, "metadata", "uid")), errEmpty
		}
		return next, err
	})
	switch {
	case isAbsent(err):
		return nil
	case !errors.Is(err, errEmpty):
		return err
	}
	if err := p.cluster.Delete(ctx, appKind, key, uid); err != nil {
		return err
	}
	// Clowder has a finalizer on it, and its environment is in use until it is gone.
	return p.awaitGone(ctx, appKind, key, uid)
}
