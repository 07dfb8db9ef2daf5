package strimzi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var orders = platform.Topic{Name: "orders", Object: "orders", Partitions: new(int64(3))}

// silent is an operator that is not there.
func silent(*unstructured.Unstructured) []step { return nil }

// shown is all that a user sees of an error.
func shown(err error) string {
	text := err.Error()
	if explained, ok := errors.AsType[*platform.ExplainedError](err); ok {
		text += "\n" + explained.Cause + "\n" + explained.Remedy
	}
	return text
}

func mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(shown(err), part) {
			t.Errorf("%q is missing in:\n%s", part, shown(err))
		}
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	const noBroker = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeTopics"
	for name, test := range map[string]struct {
		operator func(*unstructured.Unstructured) []step
		events   []kube.Event
		trouble  error
		limit    time.Duration
		// took is how long the create takes, and text what its error has; none for a success.
		took    time.Duration
		text    []string
		waiting bool
	}{
		"ready": {
			operator: func(*unstructured.Unstructured) []step {
				return []step{{time.Second, saying("Ready", "True", "", "")}}
			}, took: time.Second,
		},
		"Kafka comes back": {
			operator: func(*unstructured.Unstructured) []step {
				return []step{{40 * time.Second, saying("Ready", "False", "KafkaError", noBroker)}, {10 * time.Minute, saying("Ready", "True", "", "")}}
			}, took: 10*time.Minute + 40*time.Second,
		},
		"Kafka does not come back": {
			operator: func(*unstructured.Unstructured) []step {
				return []step{{40 * time.Second, saying("Ready", "False", "KafkaError", noBroker)}}
			},
			took: 20 * time.Minute, text: []string{"node assignment", "Check that Kafka answers it", "Waited 20m0s for generation 3 of KafkaTopic kafka/orders"}, waiting: true,
		},
		"refused": {
			operator: func(*unstructured.Unstructured) []step {
				return []step{{time.Second, saying("Ready", "False", "NotSupported", "Decreasing partitions not supported")}}
			},
			events: []kube.Event{{Reason: "Refused", Message: "by\n  policy"}},
			took:   time.Second, text: []string{"NotSupported: Decreasing partitions not supported", "event Refused: by policy"},
		},
		"no operator": {
			operator: silent, took: silence, text: []string{"no Topic Operator looks at its resource", `"prod" in the namespace "kafka"`, "entityOperator"}, waiting: true,
		},
		"no operator, and little time": {
			operator: silent, limit: time.Minute, took: time.Minute, text: []string{"no Topic Operator looks at its resource"}, waiting: true,
		},
		"an operator that is slow": {
			operator: func(*unstructured.Unstructured) []step {
				return []step{{silence - time.Second, saying("Ready", "True", "", "")}}
			}, took: silence - time.Second,
		},
		"deleted meanwhile": {
			operator: func(*unstructured.Unstructured) []step { return []step{{time.Second, nil}} },
			took:     time.Second, text: []string{"the resource was deleted", "Apply again"},
		},
		"a watch that is not allowed": {
			operator: silent, trouble: &kube.DeniedError{Verb: "watch", Resource: "kafkatopics", User: "ci"}, text: []string{"Grant ci the verb watch"},
		},
		"a watch that is broken": {
			operator: silent, trouble: &kube.UnreachableError{Endpoint: "https://k", Cause: errors.New("refused")}, took: 20 * time.Minute,
			text: []string{"the watch is broken: The API server at https://k cannot be reached: refused"}, waiting: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, test.operator)
				f.events, f.trouble = test.events, test.trouble
				limit := test.limit
				if limit == 0 {
					limit = 20 * time.Minute
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				began := time.Now()
				observed, err := New(f, options).Create(ctx, orders)
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
				if len(test.text) == 0 {
					if err != nil || observed.ID != "id-1" || observed.Partitions != 3 {
						t.Errorf("observed %+v: %v", observed, err)
					}
					return
				}
				mentions(t, err, test.text...)
				if rollout, ok := errors.AsType[*platform.RolloutError](err); ok && rollout.Waiting != test.waiting {
					t.Errorf("got %+v", rollout)
				}
				if observed.Name != "orders" {
					t.Errorf("observed %+v", observed)
				}
			})
		})
	}
}

// TestCancel ends each wait at once.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(ctx context.Context, f *fake, topics *Topics) error{
		"create": func(ctx context.Context, _ *fake, topics *Topics) error {
			_, err := topics.Create(ctx, orders)
			return err
		},
		"update": func(ctx context.Context, f *fake, topics *Topics) error {
			f.put()
			_, err := topics.Update(ctx, orders, orders)
			return err
		},
		"delete": func(ctx context.Context, f *fake, topics *Topics) error {
			f.put()
			return topics.Delete(ctx, orders, false)
		},
		"retaining delete": func(ctx context.Context, f *fake, topics *Topics) error {
			f.put()
			return topics.Delete(ctx, orders, true)
		},
		"move": func(ctx context.Context, f *fake, topics *Topics) error {
			f.put()
			_, err := topics.Move(ctx, orders, platform.Topic{Name: "orders", Object: "next"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				f := newFake(t, silent)
				began := time.Now()
				err := wait(ctx, f, New(f, options))
				if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
					t.Errorf("after %s it returned %v", time.Since(began), err)
				}
			})
		})
	}
}

// put has a resource of the tests be there, with the operator's finalizer.
func (f *fake) put() {
	object := New(f, options).object(topicKind, orders)
	object.SetFinalizers([]string{finalizer})
	_, _ = f.Apply(context.Background(), topicKind, object, kube.ApplyOptions{})
}

func TestDeleteThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retain bool
		change func(object *unstructured.Unstructured)
		// operator is what it does.
		operator func(*unstructured.Unstructured) []step
		took     time.Duration
		text     []string
		kept     bool
	}{
		"nobody takes the finalizer off": {
			operator: silent, took: 20 * time.Minute, text: []string{"is not gone after 20m0s", finalizer, "Kafka does not answer"},
		},
		"somebody else's finalizer": {
			change:   func(o *unstructured.Unstructured) { o.SetFinalizers([]string{finalizer, "example.com/keep"}) },
			operator: silent, took: 20 * time.Minute, text: []string{"somebody else has to take them off: example.com/keep"},
		},
		"paused": {
			change:   func(o *unstructured.Unstructured) { o.SetAnnotations(map[string]string{pausedAnnotation: "true"}) },
			operator: silent, took: 20 * time.Minute, text: []string{pausedAnnotation},
		},
		"nobody says that the topic stays": {
			retain: true, operator: silent, took: silence, text: []string{"no Topic Operator says that it leaves the topic alone", "Nothing was deleted"}, kept: true,
		},
		"somebody says that the topic is ready": {
			retain: true, operator: func(*unstructured.Unstructured) []step {
				return []step{{time.Second, saying("Ready", "True", "", "")}}
			}, took: silence, text: []string{"Nothing was deleted"}, kept: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, test.operator)
				f.put()
				if test.change != nil {
					object := f.object.DeepCopy()
					test.change(object)
					f.store(object)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				began := time.Now()
				err := New(f, options).Delete(ctx, orders, test.retain)
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
				mentions(t, err, test.text...)
				rollout, ok := errors.AsType[*platform.RolloutError](err)
				if !ok || !rollout.Waiting {
					t.Errorf("got %#v", err)
				}
				if kept := f.object.GetDeletionTimestamp() == nil; kept != test.kept {
					t.Errorf("the resource is %v", f.object.Object)
				}
			})
		})
	}
}

// TestDeleteWhatNobodyFollows needs no operator.
func TestDeleteWhatNobodyFollows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, silent)
		f.put()
		object := f.object.DeepCopy()
		object.SetFinalizers(nil)
		f.store(object)
		began := time.Now()
		if err := New(f, options).Delete(t.Context(), orders, true); err != nil || f.object != nil || time.Since(began) != 0 {
			t.Errorf("after %s the resource is %v: %v", time.Since(began), f.object, err)
		}
	})
}

// TestAnotherResourceInItsPlace has somebody put another resource in the place of one that is waited for.
func TestAnotherResourceInItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, silent)
		time.AfterFunc(time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			other := f.object.DeepCopy()
			other.SetUID("uid-2")
			other.Object["status"] = saying("Ready", "True", "", "")
			f.tell(kube.Change{Object: other})
		})
		_, err := New(f, options).Create(t.Context(), orders)
		mentions(t, err, "the resource was deleted")
	})
}

// TestSecondResourceIsReleasedFirst has the operator follow the second of two resources by the
// time that it is deleted.
func TestSecondResourceIsReleasedFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(*unstructured.Unstructured) []step {
			return []step{{time.Second, saying("Ready", "False", "ResourceConflict", "Managed by Ref{namespace='kafka', name='c'}")}}
		})
		observed, err := New(f, options).Create(t.Context(), orders)
		mentions(t, err, "name='c'", "was deleted again")
		if observed.Name != "" || f.object != nil || f.deleted == nil || !isUnmanaged(f.deleted) {
			t.Errorf("observed %+v, deleted %v", observed, f.deleted)
		}
	})
}

func TestReady(t *testing.T) {
	t.Parallel()
	denied := &kube.DeniedError{Verb: "patch", Resource: "kafkatopics.kafka.strimzi.io", User: "ci"}
	for name, test := range map[string]struct {
		err  error
		text []string
	}{
		"all is well":         {nil, nil},
		"not allowed":         {denied, []string{"Grant ci the verb patch on kafkatopics.kafka.strimzi.io"}},
		"a policy":            {&kube.DeniedError{Admission: "policy", Message: "no"}, nil},
		"a webhook":           {&kube.WebhookUnavailableError{Webhook: "w"}, nil},
		"no namespace":        {&kube.NamespaceNotFoundError{Ref: kube.Ref{Kind: topicKind, Key: kube.Key{Namespace: "kafka", Name: "x"}}}, []string{"the namespace of the topics does not exist"}},
		"no answer":           {&kube.UnreachableError{Endpoint: "https://k", Cause: errors.New("refused")}, []string{"cannot be reached"}},
		"no such credentials": {&kube.CredentialsError{Endpoint: "https://k", Message: "no"}, []string{"does not accept the credentials"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, silent)
			f.apply = test.err
			err := New(f, options).Ready(t.Context())
			if len(test.text) > 0 {
				mentions(t, err, test.text...)
			} else if err != nil {
				t.Errorf("it returned %v", err)
			}
			if f.object != nil {
				t.Error("something was written")
			}
		})
	}
}
