package cloudflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// Options say which operator to be and how fast.
type Options struct {
	// Namespace is the operator's own.
	Namespace string
	// Protocol is what it says to speak, 7 by default.
	Protocol string
	// SecretWait is how long a new streamlet may lack its Secret.
	SecretWait time.Duration
	// Step is how long one step of a pod takes.
	Step time.Duration
	// Now is the clock, nil for that of the machine.
	Now func() time.Time
	// Log receives what the stand-in does; nil discards it.
	Log *slog.Logger
}

// OperatorLabel is on the namespaces that a stand-in looks at, with its own.
const OperatorLabel = "standin.cloudflow/operator"

const (
	managedByLabel = "app.kubernetes.io/managed-by"
	managedBy      = "cloudflow"
	nameLabel      = "app.kubernetes.io/name"
	partOfLabel    = "app.kubernetes.io/part-of"
	appLabel       = "com.lightbend.cloudflow/app-id"
	streamletLabel = "com.lightbend.cloudflow/streamlet-name"

	protocolLabel = "cloudflow-protocol-version"

	runtimeAkka = "akka"
)

var (
	applications = schema.GroupVersionResource{Group: crds.CloudflowGroup, Version: crds.CloudflowVersion, Resource: "cloudflowapplications"}
	deployments  = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	pods         = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	secrets      = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	configMaps   = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	namespaces   = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
)

type object = map[string]any

// Operator is a running stand-in.
type Operator struct {
	Options
	client dynamic.Interface

	// apps are what it knows of applications, by their uid.
	apps map[types.UID]*app
	// gaveUp tells that it ended, as the real one does.
	gaveUp atomic.Bool
}

// app is what the operator knows of an application.
type app struct {
	// spec is the one that was deployed last.
	spec string
	// lacks is since when a streamlet lacks its Secret, by the Secret's name.
	lacks map[string]time.Time
	// failed is why the application is given up, empty for not.
	failed string
	// podSeen tells that there was an event of a pod, and so a status.
	podSeen bool
	// born is when a pod was created, by its name.
	born map[string]time.Time
	// status is the text of the last status.
	status string
}

// Start installs the definition of CloudflowApplication and what the operator leaves in its namespace, and returns it. It
// works while Run runs.
func Start(ctx context.Context, config *rest.Config, options Options) (*Operator, error) {
	if options.Protocol == "" {
		options.Protocol = "7"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	config = rest.CopyConfig(config)
	config.QPS, config.UserAgent = -1, "cloudflow-operator-stand-in"
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("client of the stand-in: %w", err)
	}
	if err := crds.InstallCloudflow(ctx, config); err != nil {
		return nil, err
	}
	o := &Operator{Options: options, client: client, apps: map[types.UID]*app{}}
	namespace := &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": o.Namespace}}}
	if _, err := client.Resource(namespaces).Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, err
	}
	err = o.put(ctx, secrets, object{
		"apiVersion": "v1", "kind": "Secret",
		"metadata":   object{"name": protocolLabel, "namespace": o.Namespace, "labels": object{protocolLabel: protocolLabel}},
		"stringData": object{"protocol-version": o.Protocol},
	})
	return o, err
}

// Restart has an operator that has given up begin anew.
func (o *Operator) Restart() { o.gaveUp.Store(false) }

// GaveUp tells whether the operator has ended.
func (o *Operator) GaveUp() bool { return o.gaveUp.Load() }

// Run works until the context ends.
func (o *Operator) Run(ctx context.Context) {
	ticker := time.NewTicker(o.Step)
	defer ticker.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := o.Pass(ctx)
			if err != nil && ctx.Err() == nil && err.Error() != said {
				said = err.Error()
				o.Log.Warn("pass failed, trying again", "error", err)
			}
		}
	}
}

// Pass looks at everything once.
func (o *Operator) Pass(ctx context.Context) error {
	if o.gaveUp.Load() {
		return nil
	}
	places, err := o.client.Resource(namespaces).List(ctx, metav1.ListOptions{LabelSelector: OperatorLabel + "=" + o.Namespace})
	if err != nil {
		return err
	}
	var failed []error
	for _, place := range places.Items {
		if place.GetDeletionTimestamp() != nil {
			continue
		}
		if err := o.passIn(ctx, place.GetName()); err != nil {
			failed = append(failed, fmt.Errorf("namespace %s: %w", place.GetName(), err))
		}
	}
	return errors.Join(failed...)
}

func (o *Operator) passIn(ctx context.Context, namespace string) error {
	all, err := o.client.Resource(applications).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: managedByLabel + "=" + managedBy})
	if err != nil {
		return err
	}
	for i := range all.Items {
		cr := &all.Items[i]
		known := o.apps[cr.GetUID()]
		if known == nil {
			known = &app{lacks: map[string]time.Time{}, born: map[string]time.Time{}}
			o.apps[cr.GetUID()] = known
		}
		if err := o.deploy(ctx, cr, known); err != nil {
			return err
		}
		if o.gaveUp.Load() {
			return nil
		}
		if err := o.playPods(ctx, cr, known); err != nil {
			return err
		}
		if err := o.tell(ctx, cr, known); err != nil {
			return err
		}
	}
	return nil
}

// entries are the deployments of a specification.
func entries(cr *unstructured.Unstructured) []object {
	items, _, _ := unstructured.NestedSlice(cr.Object, "spec", "deployments")
	out := make([]object, 0, len(items))
	for _, item := range items {
		entry, _ := item.(object)
		out = append(out, entry)
	}
	return out
}

func text(of object, field string) string {
	value, _ := of[field].(string)
	return value
}

func podName(entry object) string { return strings.ReplaceAll(text(entry, "name"), ".", "-") }

// deploy takes a changed specification up.
func (o *Operator) deploy(ctx context.Context, cr *unstructured.Unstructured, known *app) error {
	encoded, err := json.Marshal(cr.Object["spec"])
	if err != nil {
		return err
	}
	if known.spec == string(encoded) {
		return nil
	}
	var before object
	_ = json.Unmarshal([]byte(known.spec), &before)
	old := &unstructured.Unstructured{Object: object{"spec": before}}
	var had []string
	for _, entry := range entries(old) {
		had = append(had, podName(entry))
	}
	now := map[string]bool{}
	for _, entry := range entries(cr) {
		if entry["runtime"] != runtimeAkka {
			continue
		}
		now[podName(entry)] = true
		secret, err := o.client.Resource(secrets).Namespace(cr.GetNamespace()).Get(ctx, text(entry, "secret_name"), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			if slices.Contains(had, podName(entry)) {
				known.failed = fmt.Sprintf("Secret %s is missing for streamlet deployment '%s'.", text(entry, "secret_name"), text(entry, "name"))
				known.spec = string(encoded)
				return nil
			}
			return o.await(cr, known, entry)
		}
		if err != nil {
			return err
		}
		if err := o.put(ctx, deployments, o.workload(cr, entry, secret)); err != nil {
			return err
		}
	}
	for _, entry := range entries(old) {
		if entry["runtime"] == runtimeAkka && !now[podName(entry)] {
			if err := o.remove(ctx, deployments, cr.GetNamespace(), podName(entry)); err != nil {
				return err
			}
			if err := o.removePods(ctx, cr, text(entry, "streamlet_name")); err != nil {
				return err
			}
		}
	}
	known.spec = string(encoded)
	return o.topics(ctx, cr, known)
}

// await waits for a Secret, and has the operator give up when it does not come.
func (o *Operator) await(cr *unstructured.Unstructured, known *app, entry object) error {
	name := text(entry, "secret_name")
	since, waits := known.lacks[name]
	switch {
	case !waits:
		known.lacks[name] = o.Now()
	case o.Now().Sub(since) >= o.SecretWait:
		o.Log.Error("Retry exhausted while trying to get the Secret, giving up", "application", cr.GetName(), "secret", name)
		o.gaveUp.Store(true)
	}
	return nil
}

// put creates an object, or replaces the one of its name.
func (o *Operator) put(ctx context.Context, kind schema.GroupVersionResource, content object) error {
	want := &unstructured.Unstructured{Object: content}
	on := o.client.Resource(kind).Namespace(want.GetNamespace())
	_, err := on.Create(ctx, want, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	live, err := on.Get(ctx, want.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	want.SetResourceVersion(live.GetResourceVersion())
	if status, has := live.Object["status"]; has {
		want.Object["status"] = status
	}
	_, err = on.Update(ctx, want, metav1.UpdateOptions{})
	return err
}

func (o *Operator) remove(ctx context.Context, kind schema.GroupVersionResource, namespace, name string) error {
	err := o.client.Resource(kind).Namespace(namespace).Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
