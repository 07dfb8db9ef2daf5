package clowd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// Options say how fast to be.
type Options struct {
	// Step is how long one step of a pod takes, and how long Clowder waits until it tries something again.
	Step time.Duration
	// Nodes tells that the cluster runs pods itself: none are played then.
	Nodes bool
	// Log receives what the stand-in does; nil discards it.
	Log *slog.Logger
}

// workers is how many objects are worked on at once.
const workers = 8

// Kinds of Kubernetes, and of Strimzi as Clowder speaks it.
var (
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	pods        = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	secrets     = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	accounts    = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	bindings    = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"}
	services    = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	namespaces  = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	events      = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	topics      = schema.GroupVersionResource{Group: "kafka.strimzi.io", Version: "v1beta2", Resource: "kafkatopics"}
)

// controller is a running stand-in.
type controller struct {
	client dynamic.Interface
	served discovery.DiscoveryInterface
	step   time.Duration
	nodes  bool
	log    *slog.Logger
	queue  workqueue.TypedRateLimitingInterface[key]

	mutex sync.Mutex
	// played are since when the pod of a Deployment has been of its present version, by the
	// Deployment.
	played map[types.NamespacedName]played
}

// key is an object of one of Clowder's kinds.
type key struct {
	kind schema.GroupVersionResource
	types.NamespacedName
}

// Run plays Clowder in the cluster behind cfg until ctx is done.
func Run(ctx context.Context, cfg *rest.Config, options Options) error {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS, cfg.UserAgent = -1, "clowder-stand-in"
	client, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	served, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[key](10*time.Millisecond, time.Second)
	c := &controller{client: client, served: served, step: options.Step, nodes: options.Nodes, log: options.Log, queue: workqueue.NewTypedRateLimitingQueue(limiter), played: map[types.NamespacedName]played{}}
	c.run(ctx)
	return nil
}

func (c *controller) run(ctx context.Context) {
	factory := dynamicinformer.NewDynamicSharedInformerFactory(c.client, 0)
	for _, kind := range []schema.GroupVersionResource{apps, environments} {
		add := func(obj any) {
			if o, ok := obj.(*unstructured.Unstructured); ok {
				c.queue.Add(key{kind, types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}})
			}
		}
		_, _ = factory.ForResource(kind).Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, now any) { add(now) }})
	}
	factory.Start(ctx.Done())
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for c.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	c.queue.ShutDown()
	all.Wait()
	factory.Shutdown()
}

func (c *controller) next(ctx context.Context) bool {
	k, down := c.queue.Get()
	if down {
		return false
	}
	defer c.queue.Done(k)
	var again time.Duration
	var err error
	if k.kind == apps {
		again, err = c.reconcileApp(ctx, k.NamespacedName)
	} else {
		again, err = c.reconcileEnvironment(ctx, k.Name)
	}
	if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
		c.log.Warn("pass failed, trying again", "object", k.String(), "error", err)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		c.queue.AddRateLimited(k)
		return true
	case again > 0:
		c.queue.AddAfter(k, again)
	}
	c.queue.Forget(k)
	return true
}

// finalizers are those that Clowder puts on its objects.
const (
	appFinalizer         = "finalizer.app.cloud.redhat.com"
	environmentFinalizer = "finalizer.env.cloud.redhat.com"
)

// settle does what comes first of an object: its end, or the finalizer, with which the whole object is
// written back, zero values and all. proceed is false where the pass is over with that.
func settle[T any](ctx context.Context, c dynamic.ResourceInterface, object *unstructured.Unstructured, finalizer string) (typed *T, proceed bool, err error) {
	if object.GetDeletionTimestamp() != nil {
		object.SetFinalizers(nil)
		_, err := c.Update(ctx, object, metav1.UpdateOptions{})
		return nil, false, err
	}
	typed = new(T)
	if err := decode(object.Object, typed); err != nil {
		return nil, false, err
	}
	if len(object.GetFinalizers()) > 0 {
		return typed, true, nil
	}
	whole, err := encode(typed)
	if err != nil {
		return nil, false, err
	}
	back := object.DeepCopy()
	back.Object["spec"] = whole["spec"]
	back.SetFinalizers([]string{finalizer})
	_, err = c.Update(ctx, back, metav1.UpdateOptions{FieldManager: "manager"})
	return nil, false, err
}

func decode(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// encode is a value as an unstructured object has it.
func encode(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(`{"kind":"x","value":` + string(text) + `}`)); err != nil {
		return nil, err
	}
	out, ok := u.Object["value"].(map[string]any)
	if !ok {
		return nil, errors.New("no object")
	}
	return out, nil
}

// event tells a warning about an object.
func (c *controller) event(ctx context.Context, about *unstructured.Unstructured, reason, message string) {
	namespace := about.GetNamespace()
	if namespace == "" {
		namespace = "default"
	}
	now := time.Now().UTC().Format(time.RFC3339)
	_, err := c.client.Resource(events).Namespace(namespace).Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"generateName": about.GetName() + ".", "namespace": namespace},
		"involvedObject": map[string]any{"apiVersion": about.GetAPIVersion(), "kind": about.GetKind(), "namespace": about.GetNamespace(), "name": about.GetName(), "uid": string(about.GetUID())},
		"type":           "Warning", "reason": reason, "message": message, "count": int64(1), "firstTimestamp": now, "lastTimestamp": now, "source": map[string]any{"component": "clowder"},
	}}, metav1.CreateOptions{})
	if err != nil && ctx.Err() == nil {
		c.log.Debug("event not written", "reason", reason, "error", err)
	}
}

// conditionsOf are the conditions after a pass that has failed with a text, empty for none.
func conditionsOf(failure string, ready bool, before []condition) []condition {
	now := time.Now().UTC().Format(time.RFC3339)
	truth := func(is bool) string {
		if is {
			return "True"
		}
		return "False"
	}
	out := []condition{
		// The text of a failure stands even here, and the status stays what it was.
		{Type: "DeploymentsReady", Status: truth(ready), Reason: "DeploymentsReady", Message: failure},
		{Type: "ReconciliationFailed", Status: truth(failure != ""), Reason: "ReconciliationFailed", Message: failure},
		{Type: "ReconciliationSuccessful", Status: truth(failure == ""), Reason: "ReconciliationSuccessful"},
	}
	for i := range out {
		out[i].LastTransitionTime = now
		for _, was := range before {
			if was.Type == out[i].Type && was.Status == out[i].Status {
				out[i].LastTransitionTime = was.LastTransitionTime
			}
		}
	}
	return out
}

// writeStatus writes the status of an object where that says something else than before.
func writeStatus(ctx context.Context, client dynamic.ResourceInterface, object *unstructured.Unstructured, before, status any) error {
	was, err := json.Marshal(before)
	if err != nil {
		return err
	}
	is, err := json.Marshal(status)
	if err != nil || bytes.Equal(was, is) {
		return err
	}
	next := object.DeepCopy()
	if next.Object["status"], err = encode(status); err != nil {
		return err
	}
	_, err = client.UpdateStatus(ctx, next, metav1.UpdateOptions{})
	return err
}
