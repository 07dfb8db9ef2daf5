package operator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// fake is a cluster in memory. Tests run in a synctest bubble, so what happens
// after some time takes none.
type fake struct {
	// process is the identity of who uses the cluster.
	process string
	// done ends with the test.
	done      <-chan struct{}
	mu        sync.Mutex
	objects   map[kube.Ref]*unstructured.Unstructured
	followers map[kube.Ref][]chan kube.Change
	calls     []string
	uids      int
	// spoke is when the operator last wrote a status.
	spoke time.Time

	// operator is what an operator does after a write of an object: statuses
	// that it writes one after the other, and whether it lets a deleted object
	// go.
	operator func(object *unstructured.Unstructured) []step
	// fail returns the error of a call such as "apply FlinkDeployment ns/orders".
	fail func(call string) error
	// webhook is the name of the operator's validating webhook, empty for none.
	webhook string
	// fields are those of which it is known whether the definitions have them, as FlinkDeployment.status.conditions.
	fields map[string]bool
	// reject returns the error of an object that is applied, also on trial.
	reject  func(object *unstructured.Unstructured) error
	options []kube.ApplyOptions
	// applied are the specifications of the FlinkDeployments that were applied.
	applied []map[string]any
	events  []kube.Event
	service func(path string) (string, error)
}

// step is a status some time after the step before; a nil status removes the
// object.
type step struct {
	after  time.Duration
	status map[string]any
}

func newFake(t *testing.T) *fake {
	t.Helper()
	return &fake{process: rand.Text(), done: t.Context().Done(), objects: map[kube.Ref]*unstructured.Unstructured{}, followers: map[kube.Ref][]chan kube.Change{}}
}

func (f *fake) Identity() string { return f.process }

// killed lets another process use the cluster from now on.
func (f *fake) killed() { f.process += "+" }

func (f *fake) call(verb string, kind kube.Kind, key kube.Key) error {
	call := verb + " " + kube.Ref{Kind: kind, Key: key}.String()
	f.calls = append(f.calls, call)
	if f.fail != nil {
		return f.fail(call)
	}
	return nil
}

func (f *fake) Get(_ context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	return f.lookUp("get", kind, key)
}

func (f *fake) lookUp(verb string, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.call(verb, kind, key); err != nil {
		return nil, err
	}
	object, ok := f.objects[kube.Ref{Kind: kind, Key: key}]
	if !ok {
		return nil, &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
	}
	return object.DeepCopy(), nil
}

func (f *fake) Read(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	return f.Get(ctx, kind, key)
}

func (f *fake) Find(_ context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	return f.lookUp("find", kind, key)
}

func (f *fake) List(_ context.Context, kind kube.Kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.call("list", kind, kube.Key{Namespace: namespace}); err != nil {
		return nil, err
	}
	name, value, hasValue := strings.Cut(selector, "=")
	var found []unstructured.Unstructured
	for ref, object := range f.objects {
		if ref.Kind == kind && (namespace == "" || ref.Key.Namespace == namespace) && (selector == "" || object.GetLabels()[name] == value || !hasValue && object.GetLabels()[name] != "") {
			found = append(found, *object.DeepCopy())
		}
	}
	return found, nil
}

func (f *fake) ValidatingWebhook(context.Context, kube.Kind) string { return f.webhook }

func (f *fake) HasField(_ context.Context, kind kube.Kind, path ...string) (has, known bool) {
	has, known = f.fields[kind.Kind+"."+strings.Join(path, ".")]
	return has, known
}

func (f *fake) Create(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(object)
	found, err := f.Get(ctx, kind, key)
	if err == nil {
		return nil, &kube.ExistsError{Ref: kube.Ref{Kind: kind, Key: key}, Managers: kube.Managers(found), Object: found}
	}
	return f.Apply(ctx, kind, object, kube.ApplyOptions{})
}

func (f *fake) Apply(_ context.Context, kind kube.Kind, object *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: kind, Key: kube.KeyOf(object)}
	f.options = append(f.options, o)
	verb := "apply"
	if o.DryRun {
		verb = "rehearse"
	}
	if err := f.call(verb, kind, ref.Key); err != nil {
		return nil, err
	}
	if f.reject != nil {
		if err := f.reject(object); err != nil {
			return nil, err
		}
	}
	live, exists := f.objects[ref]
	if uid := object.GetUID(); uid != "" && (!exists || live.GetUID() != uid) {
		return nil, &kube.NotFoundError{Ref: ref}
	}
	next := object.DeepCopy()
	if o.DryRun {
		return next, nil
	}
	if spec, ok := next.DeepCopy().Object["spec"].(map[string]any); ok && kind == deploymentKind {
		f.applied = append(f.applied, spec)
	}
	if exists {
		next.SetUID(live.GetUID())
		next.SetGeneration(live.GetGeneration())
		if status, ok := live.Object["status"]; ok {
			next.Object["status"] = status
		}
	}
	next.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: kube.FieldManager, Operation: metav1.ManagedFieldsOperationApply}})
	return f.store(ref, live, next), nil
}

func (f *fake) MergePatch(_ context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: kind, Key: key}
	if err := f.call("patch", kind, key); err != nil {
		return nil, err
	}
	live, ok := f.objects[ref]
	if !ok {
		return nil, &kube.NotFoundError{Ref: ref}
	}
	var change map[string]any
	body, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &change); err != nil {
		return nil, err
	}
	if metadata, ok := change["metadata"].(map[string]any); ok && metadata["uid"] != nil && metadata["uid"] != string(live.GetUID()) {
		return nil, &kube.NotFoundError{Ref: ref}
	}
	next := live.DeepCopy()
	merge(next.Object, change)
	return f.store(ref, live, next), nil
}

func merge(into, change map[string]any) {
	for key, value := range change {
		part, isObject := value.(map[string]any)
		old, wasObject := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isObject && wasObject:
			merge(old, part)
		case isObject:
			fresh := map[string]any{}
			merge(fresh, part)
			into[key] = fresh
		default:
			into[key] = value
		}
	}
}

// store keeps a new version and lets the operator see it.
func (f *fake) store(ref kube.Ref, live, next *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil {
		f.uids++
		next.SetUID(types.UID(fmt.Sprintf("uid-%d", f.uids)))
		next.SetGeneration(1)
	} else if !reflect.DeepEqual(live.Object["spec"], next.Object["spec"]) {
		next.SetGeneration(live.GetGeneration() + 1)
	}
	f.objects[ref] = next
	f.tell(ref, kube.Change{Object: next.DeepCopy()})
	changed := live == nil || live == next || next.GetGeneration() != live.GetGeneration()
	if f.operator != nil && ref.Kind == deploymentKind && changed {
		go f.play(ref, next.GetUID(), next.GetGeneration(), f.operator(next.DeepCopy()))
	}
	return next.DeepCopy()
}

// play writes what the operator writes, as long as nobody writes again.
func (f *fake) play(ref kube.Ref, uid types.UID, generation int64, steps []step) {
	for _, s := range steps {
		select {
		case <-time.After(s.after):
		case <-f.done:
			return
		}
		f.mu.Lock()
		object, ok := f.objects[ref]
		if !ok || object.GetUID() != uid || object.GetGeneration() != generation {
			f.mu.Unlock()
			return
		}
		if s.status == nil {
			delete(f.objects, ref)
			f.tell(ref, kube.Change{Deleted: true})
		} else {
			object.Object["status"] = s.status
			f.spoke = time.Now()
			f.tell(ref, kube.Change{Object: object.DeepCopy()})
		}
		f.mu.Unlock()
	}
}

func (f *fake) tell(ref kube.Ref, change kube.Change) {
	for _, out := range f.followers[ref] {
		out <- change
	}
}

func (f *fake) Delete(_ context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: kind, Key: key}
	if err := f.call("delete", kind, key); err != nil {
		return err
	}
	live, ok := f.objects[ref]
	if !ok || uid != "" && live.GetUID() != uid {
		return nil
	}
	if len(live.GetFinalizers()) == 0 {
		delete(f.objects, ref)
		f.tell(ref, kube.Change{Deleted: true})
		return nil
	}
	f.mark(ref, live)
	return nil
}

// mark has an object wait for its operator to let it go.
func (f *fake) mark(ref kube.Ref, live *unstructured.Unstructured) {
	next, now := live.DeepCopy(), metav1.Now()
	next.SetDeletionTimestamp(&now)
	next.SetGeneration(live.GetGeneration() + 1)
	f.store(ref, next, next)
}

func (f *fake) Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: kind, Key: key}
	out := make(chan kube.Change, 1000)
	first := kube.Change{}
	if object, ok := f.objects[ref]; ok {
		first.Object = object.DeepCopy()
	}
	out <- first
	f.followers[ref] = append(f.followers[ref], out)
	go func() {
		<-ctx.Done()
		f.mu.Lock()
		defer f.mu.Unlock()
		for i, other := range f.followers[ref] {
			if other == out {
				f.followers[ref] = append(f.followers[ref][:i:i], f.followers[ref][i+1:]...)
			}
		}
		close(out)
	}()
	return out
}

func (f *fake) Events(context.Context, string, ...kube.Involved) ([]kube.Event, error) {
	return f.events, nil
}

func (f *fake) ServiceGet(_ context.Context, namespace, service string, port int, path string) ([]byte, error) {
	if f.service == nil {
		return nil, &kube.ServiceError{Code: 503}
	}
	body, err := f.service(fmt.Sprintf("%s/%s:%d%s", namespace, service, port, path))
	return []byte(body), err
}

// put stores an object as it is.
func (f *fake) put(kind kube.Kind, object *unstructured.Unstructured) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: kind, Key: kube.KeyOf(object)}
	f.objects[ref] = object
	f.tell(ref, kube.Change{Object: object.DeepCopy()})
}

// edit changes the deployment of the tests as somebody else would.
func (f *fake) edit(change func(object *unstructured.Unstructured)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := kube.Ref{Kind: deploymentKind, Key: keyOf(orders)}
	next := f.objects[ref].DeepCopy()
	change(next)
	f.store(ref, f.objects[ref], next)
}

func (f *fake) live(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	object, err := f.Get(t.Context(), deploymentKind, keyOf(orders))
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// count returns how many calls begin with a text.
func (f *fake) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if strings.HasPrefix(c, call) {
			n++
		}
	}
	return n
}

// orders is the deployment of the tests.
var orders = platform.Ref{Namespace: "prod", Name: "orders"}

// deployment returns the deployment of the tests with an image.
func deployment(image string) platform.Deployment {
	return platform.Deployment{
		Ref:    orders,
		Labels: map[string]string{"team": "a"},
		Spec: flink.DeploymentSpec{
			Image: &image, FlinkVersion: new("v1_20"), ServiceAccount: new("flink"),
			FlinkConfiguration: flink.Configuration{"taskmanager.numberOfTaskSlots": new("2")},
			Job:                &flink.Job{JarURI: new("local:///job.jar"), Parallelism: new(int64(2)), State: new("running"), UpgradeMode: new("savepoint")},
			TaskManager:        &flink.TaskManager{Resource: &flink.Resource{CPU: new(0.5), Memory: new("2g")}},
		},
	}
}
