package cfk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Values of status.cmfSync.status.
const (
	syncCreated = "Created"
	syncFailed  = "Failed"
)

// report is what the controller says of handing a resource on.
type report struct {
	// current tells that it says so of the present specification.
	current         bool
	status, message string
	// at is when it was said.
	at               string
	generation, seen int64
}

func syncOf(o *unstructured.Unstructured) report {
	text := func(name string) string {
		value, _, _ := unstructured.NestedString(o.Object, "status", "cmfSync", name)
		return value
	}
	observed, _, _ := unstructured.NestedFieldNoCopy(o.Object, "status", "observedGeneration")
	s := report{status: text("status"), message: text("errorMessage"), at: text("lastSyncTime"), generation: o.GetGeneration(), seen: fko.Integer(observed)}
	s.current = s.seen >= s.generation
	return s
}

// done tells that the server has the present specification.
func (s report) done() bool { return s.current && s.status == syncCreated }

// failed tells that the server has not taken the present specification.
func (s report) failed() bool { return s.current && s.status == syncFailed }

// refusal matches the codes with which the server says that it will never take a request. What
// the controller writes around them is not documented.
var refusal = regexp.MustCompile(`\b(400|401|403|409|413|422)\b`)

// final tells that trying again does not help.
func (s report) final() bool { return s.failed() && refusal.MatchString(s.message) }

func (s report) String() string {
	switch {
	case s.status == "":
		return product + " has not looked at it"
	case !s.current:
		return fmt.Sprintf("%s has looked at generation %d, and this is %d", product, s.seen, s.generation)
	case s.message != "":
		return fmt.Sprintf("cmfSync is %s: %s", s.status, s.message)
	}
	return "cmfSync is " + s.status
}

// giveUp is how long an error of the controller may stand that may heal: it tries again with
// growing pauses.
const giveUp = 2 * time.Minute

// handedOn waits until the server has what a resource says, and returns it as last seen.
func (c *Client) handedOn(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.until(ctx, kind, o, func(*unstructured.Unstructured) bool { return true })
}

// until waits until the server has what a resource says, and the resource is as it shall be.
func (c *Client) until(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured, is func(*unstructured.Unstructured) bool) (*unstructured.Unstructured, error) {
	last, gone, wrong := o, false, time.Time{}
	timer := time.NewTimer(giveUp)
	defer timer.Stop()
	timer.Stop()
	err := watch.Wait[kube.Change]{
		See: func(change kube.Change) bool {
			if change.Object == nil || change.Object.GetUID() != o.GetUID() {
				gone = true
				return true
			}
			last = change.Object
			s := syncOf(last)
			switch {
			case s.failed() && wrong.IsZero():
				wrong = time.Now()
				timer.Reset(giveUp)
			case !s.failed():
				wrong = time.Time{}
			}
			return s.final() || s.done() && is(last)
		},
		Trouble: func(err error) error {
			if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
				return err
			}
			return nil
		},
		Times: timer.C,
		Look:  func(time.Time) bool { return syncOf(last).failed() },
	}.Until(ctx, func(ctx context.Context) <-chan kube.Change { return c.cluster.Follow(ctx, kind, kube.KeyOf(o)) })
	ref := kube.Ref{Kind: kind, Key: kube.KeyOf(o)}
	switch s := syncOf(last); {
	case gone:
		return last, &platform.RolloutError{Summary: fmt.Sprintf("%s was deleted during the wait", ref), Detail: "Somebody else did this. Apply again."}
	case s.failed():
		return last, refused(ref, s)
	case errors.Is(err, context.DeadlineExceeded):
		return last, &platform.RolloutError{
			Waiting: true, Summary: fmt.Sprintf("%s is not handed on in time", ref),
			Detail: fmt.Sprintf("%s. Check that its controller runs and that it manages Flink (enableCMFDay2Ops, and enableFlinkSQL for SQL). It may still come: apply again to wait on, or raise the timeout in timeouts.", s),
		}
	case err != nil:
		return last, err
	}
	return last, nil
}

// refused says that the server has not taken a resource.
func refused(ref kube.Ref, s report) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s does not take %s: %s", server, ref, s.message),
		Detail:  fmt.Sprintf("%s says so (status.cmfSync.status is %s). Correct the configuration, or the CMFRestClass where the server cannot be reached, and apply again.", product, s.status),
	}
}
