package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// lookAgain is how often a wait for a savepoint looks at what has not changed,
// for rules about how long something lasts.
const lookAgain = 10 * time.Second

// savepointWait is one wait for something about a savepoint.
type savepointWait struct {
	*Savepoints

	want  platform.Savepoint
	began time.Time
	// trouble is the last word about the connection, nil while it works.
	trouble error
}

func (s *Savepoints) newWait(want platform.Savepoint) *savepointWait {
	return &savepointWait{Savepoints: s, want: want, began: time.Now()}
}

// follow shows every version of an object to done until it says that the wait
// is over, and from time to time the last version again; nil means that there
// is no object. It returns the context's error, or why the object cannot be
// followed.
func (w *savepointWait) follow(ctx context.Context, kind kube.Kind, ref platform.Ref, done func(object *unstructured.Unstructured) bool) error {
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	var last *unstructured.Unstructured
	seen := false
	return watch.Wait[kube.Change]{
		See: func(change kube.Change) bool {
			w.trouble, last, seen = nil, change.Object, true
			return done(last)
		},
		Trouble: func(err error) error {
			w.trouble = err
			return unhealing(err)
		},
		Times: ticker.C,
		Look:  func(time.Time) bool { return seen && done(last) },
	}.Until(ctx, following(w.cluster, kind, keyOf(ref)))
}

// fail reports why a savepoint is not taken.
func (w *savepointWait) fail(cause string, detail ...string) *platform.RolloutError {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The savepoint %q of %q is not taken: %s", w.want.Name, w.want.Job.Name, strings.TrimSuffix(cause, ".")),
		Detail:  joinLines(detail...),
	}
}

// hushed returns an error without the secrets of the job. The operator, the API
// server and Flink quote what they do not like, and a savepoint has no
// specification by which to know them.
func (s *Savepoints) hushed(ctx context.Context, of platform.Savepoint, err error) error {
	var told *platform.RolloutError
	if !errors.As(err, &told) {
		return err
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	var specs []flink.Tree
	for kind, ref := jobKind(of.Job), jobOf(of); ref.Name != ""; kind = deploymentKind {
		object, err := s.cluster.Get(words, kind, keyOf(ref))
		if err != nil {
			break
		}
		if spec, err := fko.SpecOf(object); err == nil {
			specs = append(specs, spec)
		}
		ref.Name, _, _ = unstructured.NestedString(object.Object, "spec", "deploymentName")
	}
	scrubber, out := flink.Redactor{Owner: jobOf(of).String()}.Scrubber(specs...), *told
	out.Summary, out.Detail = scrubber.Scrub(told.Summary), scrubber.Scrub(told.Detail)
	return &out
}

// overdue reports a wait whose time is over; err is why it ended. An interrupt
// stays what it is.
func (w *savepointWait) overdue(ctx context.Context, err error, cause string, detail ...string) error {
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	if w.trouble != nil {
		detail = append(detail, "The connection was broken at the end: "+w.trouble.Error())
	}
	return w.fail(cause, detail...)
}

func (w *savepointWait) elapsed() time.Duration { return time.Since(w.began).Round(time.Second) }

// warnings are the newest warning events about an object of this wait.
func (w *savepointWait) warnings(ctx context.Context, kind kube.Kind, name, uid string) []kube.Event {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	events, err := w.cluster.Events(ctx, w.want.Namespace, kube.Involved{Kind: w.called(kind), Name: name, UID: types.UID(uid)})
	if err != nil {
		return nil
	}
	var recent []kube.Event
	for _, e := range events {
		if !e.Last.Before(w.began.Add(-clockSkew)) {
			recent = append(recent, e)
		}
	}
	return recent
}

// warningLines are the events as lines of a message, without what has been told.
func warningLines(events []kube.Event, told ...string) string {
	account := accountAfter(told...)
	for _, e := range events[:min(len(events), maxEvents)] {
		account.event(e)
	}
	return account.String()
}

// wordsOf returns the operator's JSON or plain text as a sentence.
func wordsOf(text string) string {
	if f := fko.ParseFailure(text); f != nil {
		return f.Sentence()
	}
	return ""
}
