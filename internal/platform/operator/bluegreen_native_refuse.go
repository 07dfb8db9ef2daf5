package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// This file keeps a version that is known to have failed from taking the place of
// the old color. The operator goes back to the old one by its abort alone, which
// comes when the grace period is over and the new color is not ready at that
// moment. A job that crashes and restarts at once is ready at nearly every look,
// so the operator would go forward when the deletion delay is over. The delay is
// therefore set to one that never ends, and the new color is suspended when the
// abort is due: the operator is told of that write at once, and aborts, as the
// color is not ready while its suspension goes on (monitorTransition and
// shouldWeAbort of BlueGreenDeploymentService). A suspension that comes before the
// abort is due would jam it: it takes a color whose suspension is complete for the
// active one, and leaves both there (finalizeSuspendedDeployment). When that comes
// all the same, the color that runs is the one that counts, and nothing is written
// that the operator would give to the other one.

// forever is a deletion delay after which somebody has looked at the deployment.
const forever = 365 * 24 * time.Hour

// abortMargin is how long after the grace period the new color is suspended: the
// operator compares milliseconds.
const abortMargin = 2 * time.Second

// refuse has the operator give up a color that has failed, while the other one
// runs. It returns when the operator has, when the color is suspended, or when
// the context ends. The parent and the color were seen at a time, on the way to
// the color.
func (t *nativeTurn) refuse(ctx context.Context, n fko.BlueGreen, child *unstructured.Unstructured, seen time.Time, cause string) {
	log := logctx.From(ctx).With("deployment", t.change.String(), "color", child.GetName())
	log.WarnContext(ctx, "The new version does not work, so the operator is waited for until it gives it up", "cause", cause)
	isLeft := func(now fko.BlueGreen) bool {
		coming := now.Coming()
		return coming == nil || coming.GetUID() != child.GetUID()
	}
	if isLeft(n) || len(n.Children) < 2 {
		return
	}
	if err := t.keep(ctx, n.Parent); err != nil {
		log.WarnContext(ctx, "The operator may replace the old color by a version that has failed", "error", err.Error())
	}
	waiting, cancel := context.WithDeadline(ctx, seen.Add(t.abortsIn(n)+abortMargin))
	defer cancel()
	if err := t.follow(waiting, nil, isLeft); err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return
	}
	now, err := t.latest(ctx)
	if err != nil || isLeft(*now) {
		return
	}
	log.InfoContext(ctx, "Suspending the new version, for the operator to give it up")
	key := kube.KeyOf(child)
	patch := patchOf(child.GetUID()).Set(flink.JobSuspended, "spec", "job", "state").
		Set(fmt.Sprint(now.Coming().GetGeneration()+1), "metadata", "annotations", fko.RefusedAnnotation)
	if _, err := t.single.cluster.MergePatch(ctx, deploymentKind, key, patch); err != nil {
		log.WarnContext(ctx, "The new version could not be suspended", "error", err.Error())
	}
}

// keep has the operator never delete the old color by itself.
func (t *nativeTurn) keep(ctx context.Context, parent *unstructured.Unstructured) error {
	patch := patchOf(parent.GetUID()).Set(flinkMillis(forever), "spec", "configuration", keyDeletionDelay)
	_, err := t.native.cluster.MergePatch(ctx, blueGreenKind, keyOf(t.change.Ref), patch)
	return err
}

// abortsIn is how long after its last write of the status the operator may abort.
// Both times are by the operator's clock, which need not be ours.
func (t *nativeTurn) abortsIn(n fko.BlueGreen) time.Duration {
	due, now := n.Stamp("abortTimestamp"), n.Stamp("lastReconciledTimestamp")
	if due.IsZero() || now.IsZero() {
		return t.change.BlueGreen.AbortGracePeriod
	}
	return due.Sub(now)
}

// replaced tells whether the operator has made another color the active one than
// the one from before the write.
func (t *nativeTurn) replaced(n fko.BlueGreen) bool {
	state := n.State()
	return strings.HasPrefix(state, fko.StateActive) && fko.ColorIn(state) != t.before
}

// straying says what there is beside a stray color, and what to do.
func (t *nativeTurn) straying(n fko.BlueGreen) string {
	called, stray := fko.ColorIn(n.State()), n.Stray()
	return joinLines(
		fmt.Sprintf("The operator has made %s the active one%s, beside %s%s. It would give %[1]s what is written, with the state of the last switch, and delete %[3]s. Ways out:",
			bluegreen.ColorRef(t.change.Ref, called).Name, fko.InParentheses(n.Children[called]), stray.GetName(), fko.InParentheses(stray)),
		fmt.Sprintf("  - upgrade.strategy = %q or upgrade.blue_green = { engine = %q }, which creates the deployment again with the state of %s",
			flink.StrategyInPlace, flink.EngineProvider, bluegreen.ColorRef(t.change.Ref, n.Active()).Name),
		fmt.Sprintf("  - to give the job of %[1]s up, delete FlinkDeployment %[1]s, and apply again", stray.GetName()),
	)
}
