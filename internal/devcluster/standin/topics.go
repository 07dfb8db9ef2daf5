package standin

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// TopicOptions say which Topic Operator to be and how fast.
type TopicOptions struct {
	// Version is the release of Strimzi, see crds.StrimziVersions.
	Version string
	// Speed is the length of one step, as in Options.
	Speed time.Duration
	// Log receives what the stand-in does; nil discards it.
	Log *slog.Logger
}

const (
	// fullPass is how many steps lie between two looks at all topics: STRIMZI_FULL_RECONCILIATION_INTERVAL_MS is 120 s.
	fullPass = 120
	// deadBroker is how many steps it takes until a Kafka that does not answer shows, and brokersBack how many until
	// one that answers again is noticed.
	deadBroker, brokersBack = 40, 3
)

// RunTopics plays Strimzi's Topic Operator for all Kafkas of the cluster behind cfg until ctx is done, and returns nil
// then. A Kafka is a ConfigMap, see doc.go. It waits for the definition of KafkaTopic, and outlives restarts of the
// apiserver. An error means that it could not start.
func RunTopics(ctx context.Context, cfg *rest.Config, opts TopicOptions) error {
	version, err := crds.StoredTopicVersion(opts.Version)
	if err != nil {
		return err
	}
	if opts.Speed <= 0 {
		opts.Speed = defaultSpeed
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	cfg = rest.CopyConfig(cfg)
	cfg.QPS = -1
	cfg.UserAgent = "topic-operator-stand-in"
	dyn, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	disc, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	o := &topicOperator{
		kind: schema.GroupVersionResource{Group: crds.StrimziGroup, Version: version, Resource: "kafkatopics"},
		step: opts.Speed, log: opts.Log, api: &api{dyn: dyn}, followed: map[types.UID]kafkaKey{}, asked: map[types.UID]time.Time{},
	}
	// That it is not served yet and that the apiserver is away both pass.
	served := func(context.Context) (bool, error) {
		_, err := disc.ServerResourcesForGroupVersion(o.kind.GroupVersion().String())
		return err == nil, nil
	}
	if err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, served); err == nil {
		o.run(ctx)
	}
	return nil
}

// topicOperator is one running stand-in of the Topic Operator.
type topicOperator struct {
	kind schema.GroupVersionResource
	step time.Duration
	log  *slog.Logger
	api  *api
	loop *loop

	// kafkas has one pass at a time for each Kafka: passes of a Kafka see each other's topics, and the ConfigMap is written by one
	// at a time.
	kafkas sync.Map

	mu sync.Mutex
	// followed are the topics that resources were the first of, by their uid.
	followed map[types.UID]kafkaKey
	// asked is since when a resource waits for a Kafka that does not answer.
	asked map[types.UID]time.Time
	// resources is the store of all KafkaTopics.
	resources cache.Store
}

func (o *topicOperator) steps(n float64) time.Duration { return time.Duration(n * float64(o.step)) }

// run works until ctx is done.
func (o *topicOperator) run(ctx context.Context) {
	o.loop = newLoop(o.kind.Resource, o.reconcile)
	all := dynamicinformer.NewDynamicSharedInformerFactory(o.api.dyn, 0)
	topics := all.ForResource(o.kind).Informer()
	o.resources = topics.GetStore()
	_, _ = topics.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			if u, ok := obj.(*unstructured.Unstructured); ok {
				o.loop.add(keyOf(u))
			}
		},
		UpdateFunc: func(before, after any) {
			was, _ := before.(*unstructured.Unstructured)
			is, ok := after.(*unstructured.Unstructured)
			// What the stand-in itself writes is no work.
			if ok && was != nil && relevant(was) != relevant(is) {
				o.loop.add(keyOf(is))
			}
		},
		DeleteFunc: func(obj any) {
			if last, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = last.Obj
			}
			if u, ok := obj.(*unstructured.Unstructured); ok {
				o.forget(u.GetUID())
			}
		},
	})
	own := dynamicinformer.NewFilteredDynamicSharedInformerFactory(o.api.dyn, 0, "", selectKafkas)
	handle(own.ForResource(configMaps).Informer(), o.awake)
	both := []dynamicinformer.DynamicSharedInformerFactory{all, own}
	for _, f := range both {
		f.Start(ctx.Done())
	}
	go wait.UntilWithContext(ctx, func(context.Context) { o.lookAtAll() }, o.steps(fullPass))
	o.loop.run(ctx, o.log)
	for _, f := range both {
		f.Shutdown()
	}
}

// relevant is what of a resource makes the operator look at it.
func relevant(obj *unstructured.Unstructured) string {
	annotations := obj.GetAnnotations()
	return fmt.Sprint(obj.GetUID(), obj.GetGeneration(), obj.GetDeletionTimestamp(), obj.GetLabels()[clusterLabel], annotations[managedAnnotation], annotations[pausedAnnotation])
}

// lookAtAll is the full pass.
func (o *topicOperator) lookAtAll() {
	for _, obj := range o.all() {
		o.loop.add(keyOf(obj))
	}
}

func (o *topicOperator) all() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, item := range o.resources.List() {
		if obj, ok := item.(*unstructured.Unstructured); ok {
			all = append(all, obj)
		}
	}
	return all
}

// awake looks at what waits for a Kafka, when that is there, answers or is gone.
func (o *topicOperator) awake(kafka *unstructured.Unstructured, gone bool) {
	if on(kafka.GetAnnotations()[annotationKafkaDown]) && !gone {
		return
	}
	for _, obj := range o.all() {
		if obj.GetNamespace() != kafka.GetNamespace() || kafkaName(obj.GetLabels()[clusterLabel]) != kafka.GetName() {
			continue
		}
		status, _ := obj.Object["status"].(map[string]any)
		if status == nil || o.waits(obj.GetUID()) {
			o.loop.queue.AddAfter(keyOf(obj), o.steps(brokersBack))
		}
	}
}

func (o *topicOperator) waits(uid types.UID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, waits := o.asked[uid]
	return waits
}

// since is since when a resource waits for Kafka.
func (o *topicOperator) since(uid types.UID) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, waits := o.asked[uid]; !waits {
		o.asked[uid] = time.Now()
	}
	return o.asked[uid]
}

func (o *topicOperator) answered(uid types.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.asked, uid)
}

// follow notes that a resource is the one of a topic.
func (o *topicOperator) follow(uid types.UID, topic kafkaKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.followed[uid] = topic
}

// topicOf is the topic that a resource is the one of.
func (o *topicOperator) topicOf(uid types.UID) (kafkaKey, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	topic, ok := o.followed[uid]
	return topic, ok
}

func (o *topicOperator) forget(uid types.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.followed, uid)
	delete(o.asked, uid)
}
