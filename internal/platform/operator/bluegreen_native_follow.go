package operator

import (
	"context"
	"maps"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// partChange is a change of one object of a deployment: of a color, or without
// one of its FlinkBlueGreenDeployment.
type partChange struct {
	kube.Change
	color string
}

// follow shows every version of the deployment and its colors to done until it
// says that the wait is over, and the last one once more at each time of again;
// nil for never.
func (t *nativeTurn) follow(ctx context.Context, again <-chan time.Time, done func(n fko.BlueGreen) bool) error {
	part := func(color string, kind kube.Kind, ref platform.Ref) watch.Source[partChange] {
		return watch.Map(following(t.native.cluster, kind, keyOf(ref)), func(change kube.Change) partChange { return partChange{change, color} })
	}
	latest, heard, seen := fko.BlueGreen{Children: colors{}}, map[string]bool{}, false
	isDone := func(time.Time) bool {
		return len(heard) == 3 && done(fko.BlueGreen{Parent: latest.Parent, Children: maps.Clone(latest.Children)})
	}
	err := watch.Wait[partChange]{Trouble: unhealing, Times: again, Look: isDone, See: func(change partChange) bool {
		heard[change.color] = true
		switch {
		case change.color == "":
			if latest.Parent = change.Object; latest.Parent != nil {
				answer(ctx, t.native.cluster, blueGreenKind, latest.Parent)
			}
		case change.Object == nil || !fko.IsChild(change.Object):
			delete(latest.Children, change.color)
		default:
			latest.Children[change.color] = change.Object
		}
		seen = isDone(time.Now())
		return seen
	}}.Until(ctx, watch.Join(
		part("", blueGreenKind, t.change.Ref),
		part(flink.Blue, deploymentKind, bluegreen.ColorRef(t.change.Ref, flink.Blue)),
		part(flink.Green, deploymentKind, bluegreen.ColorRef(t.change.Ref, flink.Green)),
	))
	if seen {
		letSettle(ctx, time.Now())
	}
	return err
}
