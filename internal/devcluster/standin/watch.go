package standin

import (
	"context"
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// jobManagerSelector finds the Deployments and pods that the stand-in made.
const jobManagerSelector = "component=jobmanager,type=flink-native-kubernetes"

// watch turns changes in the cluster into work until ctx is done.
func (o *operator) watch(ctx context.Context) {
	all := dynamicinformer.NewDynamicSharedInformerFactory(o.api.dyn, 0)
	own := dynamicinformer.NewFilteredDynamicSharedInformerFactory(o.api.dyn, 0, metav1.NamespaceAll, func(opts *metav1.ListOptions) {
		opts.LabelSelector = jobManagerSelector
	})

	jobs := all.ForResource(sessionJobs).Informer()
	handle(jobs, func(obj *unstructured.Unstructured, _ bool) { o.sessionJobs.add(keyOf(obj)) })
	handle(all.ForResource(deployments).Informer(), func(obj *unstructured.Unstructured, _ bool) {
		o.deployments.add(keyOf(obj))
		if parent, ok := parentOf(obj); ok {
			o.blueGreens.add(parent)
		}
		// A session job follows its cluster.
		for _, item := range jobs.GetStore().List() {
			job, ok := item.(*unstructured.Unstructured)
			if !ok {
				continue
			}
			name, _, _ := unstructured.NestedString(job.Object, "spec", "deploymentName")
			if job.GetNamespace() == obj.GetNamespace() && name == obj.GetName() {
				o.sessionJobs.add(keyOf(job))
			}
		}
	})
	handle(jobs, func(obj *unstructured.Unstructured, deleted bool) {
		// The last job that goes lets its cluster be deleted.
		if name, _, _ := unstructured.NestedString(obj.Object, "spec", "deploymentName"); deleted && name != "" {
			o.deployments.add(types.NamespacedName{Namespace: obj.GetNamespace(), Name: name})
		}
	})
	if o.version.snapshots {
		handle(all.ForResource(snapshots).Informer(), func(obj *unstructured.Unstructured, _ bool) { o.snapshots.add(keyOf(obj)) })
	}
	if o.version.blueGreen {
		o.watchBlueGreens(all.ForResource(blueGreens).Informer())
	}
	// How long a real operator took to notice, in steps: it asks Flink's REST
	// first, and waits for an answer.
	for gvr, steps := range map[schema.GroupVersionResource]float64{appsDeployments: 30, pods: 5} {
		handle(own.ForResource(gvr).Informer(), func(obj *unstructured.Unstructured, deleted bool) {
			delay := o.steps(steps)
			if !deleted || !o.world.loose(obj.GetUID(), time.Now().Add(delay)) {
				return
			}
			key := types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetLabels()["app"]}
			o.deployments.queue.AddAfter(key, delay)
		})
	}

	for _, f := range []dynamicinformer.DynamicSharedInformerFactory{all, own} {
		f.Start(ctx.Done())
	}
	<-ctx.Done()
	for _, f := range []dynamicinformer.DynamicSharedInformerFactory{all, own} {
		f.Shutdown()
	}
}

// watchBlueGreens turns a new generation into work: what the operator itself writes is none, nor are annotations,
// except that they are faults of the two FlinkDeployments.
func (o *operator) watchBlueGreens(informer cache.SharedIndexInformer) {
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			if u, ok := obj.(*unstructured.Unstructured); ok {
				o.blueGreens.add(keyOf(u))
			}
		},
		UpdateFunc: func(before, after any) {
			was, _ := before.(*unstructured.Unstructured)
			is, ok := after.(*unstructured.Unstructured)
			if !ok || was == nil {
				return
			}
			if was.GetUID() != is.GetUID() || was.GetGeneration() != is.GetGeneration() {
				o.blueGreens.add(keyOf(is))
			}
			if !maps.Equal(was.GetAnnotations(), is.GetAnnotations()) {
				for _, c := range colors {
					o.deployments.add(childKey(keyOf(is), c))
				}
			}
		},
	})
}

// handle calls react for every change that an informer sees.
func handle(informer cache.SharedIndexInformer, react func(obj *unstructured.Unstructured, deleted bool)) {
	// The only error is that the informer has stopped, and it has not begun.
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			if u, ok := obj.(*unstructured.Unstructured); ok {
				react(u, false)
			}
		},
		UpdateFunc: func(_, obj any) {
			if u, ok := obj.(*unstructured.Unstructured); ok {
				react(u, false)
			}
		},
		DeleteFunc: func(obj any) {
			if last, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = last.Obj
			}
			if u, ok := obj.(*unstructured.Unstructured); ok {
				react(u, true)
			}
		},
	})
}

func keyOf(obj *unstructured.Unstructured) types.NamespacedName {
	return types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}
}

// until is the time left to t, at least a tenth of a step.
func (o *operator) until(t, now time.Time) time.Duration {
	return max(t.Sub(now), o.step/10)
}
