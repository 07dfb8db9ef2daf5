package cfk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// finalizer keeps a resource until its object is gone from the server.
const finalizer = "platform.confluent.io/finalizer"

// Controller reconciles the custom resources of a cluster.
type Controller struct {
	objects dynamic.Interface
	queue   workqueue.TypedRateLimitingInterface[key]
	// pace is how often a status follows the server's.
	pace time.Duration
	log  *slog.Logger
}

// key names a resource by its kind in kinds.
type key struct {
	kind            int
	namespace, name string
}

// New returns a controller of the cluster behind cfg, which looks at the server as often as
// the pace says.
func New(cfg *rest.Config, pace time.Duration, log *slog.Logger) (*Controller, error) {
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1
	cfg.UserAgent = "confluent-operator-stand-in"
	objects, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("client of the stand-in: %w", err)
	}
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[key](50*time.Millisecond, 2*time.Second)
	return &Controller{objects: objects, queue: workqueue.NewTypedRateLimitingQueue(limiter), pace: pace, log: log}, nil
}

// Run reconciles until ctx is done.
func (c *Controller) Run(ctx context.Context) {
	all := dynamicinformer.NewDynamicSharedInformerFactory(c.objects, 0)
	for i, k := range kinds {
		add := func(o any) {
			if object, ok := o.(*unstructured.Unstructured); ok {
				c.queue.Add(key{i, object.GetNamespace(), object.GetName()})
			}
		}
		_, _ = all.ForResource(k.resource()).Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, now any) { add(now) }})
	}
	all.Start(ctx.Done())
	for range 4 {
		go c.work(ctx)
	}
	<-ctx.Done()
	c.queue.ShutDown()
	all.Shutdown()
}

func (c *Controller) work(ctx context.Context) {
	for {
		k, down := c.queue.Get()
		if down {
			return
		}
		again, err := c.reconcile(ctx, k)
		switch {
		case err != nil:
			c.log.Debug("not reconciled", "kind", kinds[k.kind].name, "name", k.namespace+"/"+k.name, "error", err)
			c.queue.AddRateLimited(k)
		default:
			c.queue.Forget(k)
			if again {
				c.queue.AddAfter(k, c.pace)
			}
		}
		c.queue.Done(k)
	}
}

// reconcile brings the server to what a resource says, and tells whether to look again.
func (c *Controller) reconcile(ctx context.Context, at key) (again bool, err error) {
	k := kinds[at.kind]
	resources := c.objects.Resource(k.resource()).Namespace(at.namespace)
	o, err := resources.Get(ctx, at.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	endpoint, unreached := c.endpoint(ctx, o)
	if o.GetDeletionTimestamp() != nil {
		return c.finish(ctx, k, o, endpoint, unreached)
	}
	if !slices.Contains(o.GetFinalizers(), finalizer) {
		// The update comes back as an event.
		o.SetFinalizers(append(o.GetFinalizers(), finalizer))
		_, err := resources.Update(ctx, o, metav1.UpdateOptions{FieldManager: "confluent-operator"})
		return false, err
	}
	last, _, _ := unstructured.NestedMap(o.Object, "status")
	sync, _ := last["cmfSync"].(object)
	version := ""
	if k.name == "FlinkSecret" && unreached == nil {
		_, version, unreached = c.secret(ctx, o)
	}
	observed, _ := last["observedGeneration"].(int64)
	due := observed != o.GetGeneration() || sync["status"] != "Created" || version != "" && version != last["observedSecretResourceVersion"]
	var answer object
	var code int
	switch {
	case unreached != nil:
	case due:
		answer, unreached = c.hand(ctx, k, o, endpoint)
	case k.follows:
		code, answer, unreached = call(ctx, http.MethodGet, k.url(endpoint, o)+"/"+o.GetName(), nil)
		if isGone(code) {
			// Somebody has deleted it there.
			answer, unreached = c.hand(ctx, k, o, endpoint)
		}
	default:
		return false, nil
	}
	status := object{}
	if k.told != nil {
		for field, value := range k.told(o, answer, last, due && unreached == nil) {
			status[field] = value
		}
	}
	status["observedGeneration"] = o.GetGeneration()
	status["cfkInternalState"] = "CREATED"
	moment := time.Now().UTC().Format(time.RFC3339)
	if before, has := sync["lastSyncTime"].(string); has && !due {
		moment = before
	}
	status["cmfSync"] = object{"status": "Created", "errorMessage": "", "lastSyncTime": moment}
	if version != "" {
		status["observedSecretResourceVersion"] = version
	}
	ready := "True"
	if unreached != nil {
		ready = "False"
		status["cfkInternalState"] = "FAILED"
		status["cmfSync"] = object{"status": "Failed", "errorMessage": unreached.Error(), "lastSyncTime": moment}
	}
	status["conditions"] = []any{object{"type": "platform.confluent.io/resource-ready", "status": ready, "reason": status["cfkInternalState"], "message": ""}}
	if !reflect.DeepEqual(normal(status), normal(last)) {
		o.Object["status"] = status
		if _, err := resources.UpdateStatus(ctx, o, metav1.UpdateOptions{FieldManager: "confluent-operator"}); err != nil {
			return false, err
		}
	}
	if unreached != nil {
		return false, unreached
	}
	return k.follows, nil
}

// hand hands a resource on to the server: over what is there.
func (c *Controller) hand(ctx context.Context, k kind, o *unstructured.Unstructured, endpoint string) (object, error) {
	body, err := k.body(ctx, c, o)
	if err != nil {
		return nil, err
	}
	collection := k.url(endpoint, o)
	code, answer, err := call(ctx, http.MethodPost, collection, body)
	if code == http.StatusConflict && !k.posts {
		// What is there already as it shall be is left alone.
		if _, answer, err = call(ctx, http.MethodGet, collection+"/"+o.GetName(), nil); err != nil || k.name != "FlinkSecret" && reflect.DeepEqual(normal(part(answer, "spec")), normal(part(body, "spec"))) {
			return answer, err
		}
		if _, answer, err = call(ctx, http.MethodPut, collection+"/"+o.GetName(), body); err == nil && len(answer) == 0 {
			_, answer, err = call(ctx, http.MethodGet, collection+"/"+o.GetName(), nil)
		}
	}
	return answer, err
}

func part(o object, name string) object {
	inside, _ := o[name].(object)
	return inside
}

// finish deletes the object of a resource that is being deleted, and lets that go when it is
// gone.
func (c *Controller) finish(ctx context.Context, k kind, o *unstructured.Unstructured, endpoint string, unreached error) (again bool, err error) {
	if !slices.Contains(o.GetFinalizers(), finalizer) {
		return false, nil
	}
	resources := c.objects.Resource(k.resource()).Namespace(o.GetNamespace())
	refused := unreached
	if unreached == nil {
		at := k.url(endpoint, o) + "/" + o.GetName()
		code, found, err := call(ctx, http.MethodGet, at, nil)
		switch refused = err; {
		case isGone(code):
			o.SetFinalizers(slices.DeleteFunc(o.GetFinalizers(), func(name string) bool { return name == finalizer }))
			_, err := resources.Update(ctx, o, metav1.UpdateOptions{FieldManager: "confluent-operator"})
			if apierrors.IsNotFound(err) {
				err = nil
			}
			return false, err
		case err == nil && !isGoing(found):
			if code, _, refused = call(ctx, http.MethodDelete, at, nil); isGone(code) || code == http.StatusNotModified {
				refused = nil
			}
		}
	}
	if refused == nil {
		return true, nil
	}
	status, _, _ := unstructured.NestedMap(o.Object, "status")
	if status == nil {
		status = object{}
	}
	sync, _ := status["cmfSync"].(object)
	if sync["errorMessage"] != refused.Error() {
		status["cmfSync"] = object{"status": "Failed", "errorMessage": refused.Error(), "lastSyncTime": time.Now().UTC().Format(time.RFC3339)}
		if _, has := status["phase"]; !has && (k.name == "FlinkStatement" || k.name == "FlinkComputePool") {
			status["phase"] = "PENDING"
		}
		o.Object["status"] = status
		if _, err := resources.UpdateStatus(ctx, o, metav1.UpdateOptions{FieldManager: "confluent-operator"}); err != nil {
			return false, err
		}
	}
	return false, refused
}

// isGoing tells whether the server has begun to delete an object, which it does once.
func isGoing(found object) bool {
	status, _ := found["status"].(object)
	return status["phase"] == "DELETING" || status["lifecycleState"] == "DELETING"
}

// call asks the server. An answer that is no success is an error with what the server says.
func call(ctx context.Context, method, url string, body object) (code int, answer object, err error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, sent)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return response.StatusCode, nil, err
	}
	_ = json.Unmarshal(text, &answer)
	if response.StatusCode >= http.StatusMultipleChoices {
		return response.StatusCode, nil, fmt.Errorf("CMF answers %s %s with %d: %s", method, request.URL.Path, response.StatusCode, strings.TrimSpace(string(text)))
	}
	return response.StatusCode, answer, nil
}

func decoded(value string) (string, error) {
	plain, err := base64.StdEncoding.DecodeString(value)
	return string(plain), err
}

// normal is a status as JSON has it.
func normal(status object) any {
	text, _ := json.Marshal(status)
	var out any
	_ = json.Unmarshal(text, &out)
	return out
}
