package standin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// WebhookOptions say whose webhook to be.
type WebhookOptions struct {
	// Version is the operator's release: 1.7, 1.15 or 1.16.
	Version string
	// Configuration is the operator's own, see ConfigurationKeys; nil is its defaults.
	Configuration map[string]string
	// Certificate and Key are PEM files for 127.0.0.1, and Authority is what
	// signed them.
	Certificate, Key, Authority string
}

// Webhook plays the operator's admission webhooks: one refuses what the validator
// refuses, the other writes into session jobs what the operator writes.
type Webhook struct {
	version     version
	api         *api
	certificate tls.Certificate
	authority   []byte
	address     string
	server      *http.Server
}

// NewWebhook returns the webhooks of the cluster behind cfg, which serve already
// but are not registered yet.
func NewWebhook(cfg *rest.Config, opts WebhookOptions) (*Webhook, error) {
	v, err := versionOf(opts.Version, opts.Configuration)
	if err != nil {
		return nil, err
	}
	dyn, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("client of the webhook: %w", err)
	}
	w := &Webhook{version: v, api: &api{dyn: dyn}, address: "127.0.0.1:0"}
	if w.certificate, err = tls.LoadX509KeyPair(opts.Certificate, opts.Key); err != nil {
		return nil, fmt.Errorf("certificate of the webhook: %w", err)
	}
	if w.authority, err = os.ReadFile(opts.Authority); err != nil {
		return nil, fmt.Errorf("authority of the webhook: %w", err)
	}
	if err := w.Start(); err != nil {
		return nil, err
	}
	return w, nil
}

// Start serves, after a Stop at the same address.
func (w *Webhook) Start() error {
	if w.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", w.address) //nolint:noctx // it does not wait
	if err != nil {
		return fmt.Errorf("serving the webhook: %w", err)
	}
	w.address = listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("/validate", answering(w.validate))
	mux.HandleFunc("/mutate", answering(w.mutate))
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{w.certificate}, MinVersion: tls.VersionTLS12},
	}
	w.server = server
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return nil
}

// Stop ends serving: what the apiserver would ask is then refused.
func (w *Webhook) Stop() error {
	if w.server == nil {
		return nil
	}
	err := w.server.Close()
	w.server = nil
	return err
}

// Install registers the webhooks as the operator's chart does, and returns when
// the apiserver asks them.
func (w *Webhook) Install(ctx context.Context) error {
	fail, none, equivalent := admissionregistrationv1.Fail, admissionregistrationv1.SideEffectClassNone, admissionregistrationv1.Equivalent
	rules := func(resources ...string) []admissionregistrationv1.RuleWithOperations {
		return []admissionregistrationv1.RuleWithOperations{{
			Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
			Rule:       admissionregistrationv1.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"}, Resources: resources},
		}}
	}
	client := func(path string) admissionregistrationv1.WebhookClientConfig {
		url := "https://" + w.address + path
		return admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: w.authority}
	}
	validated := []string{deployments.Resource, sessionJobs.Resource}
	if w.version.snapshots {
		validated = append(validated, snapshots.Resource)
	}
	name := metav1.ObjectMeta{Name: "flink-operator-webhook-configuration"}
	for resource, configuration := range map[string]any{
		"validatingwebhookconfigurations": &admissionregistrationv1.ValidatingWebhookConfiguration{
			TypeMeta: metav1.TypeMeta{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration"}, ObjectMeta: name,
			Webhooks: []admissionregistrationv1.ValidatingWebhook{{
				Name: "validationwebhook.flink.apache.org", ClientConfig: client("/validate"), Rules: rules(validated...),
				FailurePolicy: &fail, SideEffects: &none, MatchPolicy: &equivalent, AdmissionReviewVersions: []string{"v1"},
			}},
		},
		"mutatingwebhookconfigurations": &admissionregistrationv1.MutatingWebhookConfiguration{
			TypeMeta: metav1.TypeMeta{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingWebhookConfiguration"}, ObjectMeta: name,
			Webhooks: []admissionregistrationv1.MutatingWebhook{{
				Name: "mutationwebhook.flink.apache.org", ClientConfig: client("/mutate"), Rules: rules(sessionJobs.Resource, deployments.Resource),
				FailurePolicy: &fail, SideEffects: &none, MatchPolicy: &equivalent, AdmissionReviewVersions: []string{"v1"},
			}},
		},
	} {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(configuration)
		if err != nil {
			return fmt.Errorf("encode %s: %w", resource, err)
		}
		if _, err := w.api.create(ctx, schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: resource}, object); err != nil {
			return err
		}
	}
	return w.awaitQuestions(ctx)
}

// awaitQuestions asks the apiserver for what the webhook refuses: it learns of a
// registration with a delay.
func (w *Webhook) awaitQuestions(ctx context.Context) error {
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/" + apiVersion, "kind": "FlinkDeployment", "metadata": map[string]any{"name": "probe", "namespace": "default"},
	}}
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := w.api.dyn.Resource(deployments).Namespace("default").Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.ReasonForError(err) == metav1.StatusReasonUnknown && err != nil, nil
	})
	if err != nil {
		return fmt.Errorf("the apiserver does not ask the webhook: %w", err)
	}
	return nil
}

// answering makes a decision a handler of admission reviews.
func answering(decide func(context.Context, *admissionv1.AdmissionRequest) (*admissionv1.AdmissionResponse, error)) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(request.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(response, "no admission review", http.StatusBadRequest)
			return
		}
		answer, err := decide(request.Context(), review.Request)
		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
			return
		}
		answer.UID = review.Request.UID
		review.Request, review.Response = nil, answer
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(review)
	}
}

// validate refuses what the validator refuses, with its message.
func (w *Webhook) validate(ctx context.Context, request *admissionv1.AdmissionRequest) (*admissionv1.AdmissionResponse, error) {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(request.Object.Raw); err != nil {
		return nil, err
	}
	// The dry run of a create has no namespace in the object.
	object.SetNamespace(request.Namespace)
	message, err := w.fault(ctx, request.Resource.Resource, object)
	if err != nil {
		return nil, err
	}
	if message == "" {
		return &admissionv1.AdmissionResponse{Allowed: true}, nil
	}
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Code: http.StatusForbidden, Message: message}}, nil
}

// fault is what the validator says of an object, "" for nothing.
func (w *Webhook) fault(ctx context.Context, resource string, object *unstructured.Unstructured) (string, error) {
	content, _, _ := unstructured.NestedMap(object.Object, "spec")
	s := parseSpec(content)
	var last *spec
	suspendedWith := ""
	if text, ok, _ := unstructured.NestedString(object.Object, "status", "reconciliationStatus", "lastReconciledSpec"); ok && text != "" {
		reconciled, err := parseReconciled(text)
		if err != nil {
			return "", err
		}
		last = reconciled.spec
		if last.job != nil && last.job.state == stateSuspended {
			suspendedWith = last.job.upgradeMode
		}
	}
	switch resource {
	case deployments.Resource:
		if !w.version.supportedFlink(s.flinkVersion) {
			return unsupported(s.flinkVersion), nil
		}
		return w.version.validateDeployment(object.GetName(), s, last, suspendedWith), nil
	case sessionJobs.Resource:
		cluster, err := w.clusterOf(ctx, object.GetNamespace(), s.deploymentName)
		if err != nil {
			return "", err
		}
		return w.version.validateSessionJob(s, last, cluster), nil
	default:
		return w.snapshotFault(ctx, object)
	}
}

func unsupported(flinkVersion *string) string {
	if flinkVersion == nil {
		return "Flink Version must be defined."
	}
	return fmt.Sprintf("Flink version %s is not supported by this operator version", *flinkVersion)
}

// clusterOf returns the session cluster of a job, nil while there is none.
func (w *Webhook) clusterOf(ctx context.Context, namespace, name string) (*spec, error) {
	object, err := w.api.get(ctx, deployments, types.NamespacedName{Namespace: namespace, Name: name})
	if name == "" || apierrors.IsNotFound(errors.Unwrap(err)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	content, _, _ := unstructured.NestedMap(object.Object, "spec")
	return parseSpec(content), nil
}

// snapshotFault is what the validator says of a snapshot.
func (w *Webhook) snapshotFault(ctx context.Context, object *unstructured.Unstructured) (string, error) {
	_, savepoint, _ := unstructured.NestedMap(object.Object, "spec", "savepoint")
	_, checkpoint, _ := unstructured.NestedMap(object.Object, "spec", "checkpoint")
	if savepoint == checkpoint {
		return "Exactly one of checkpoint or savepoint configurations has to be set.", nil
	}
	if existing, _, _ := unstructured.NestedBool(object.Object, "spec", "savepoint", "alreadyExists"); existing {
		return "", nil
	}
	name, _, _ := unstructured.NestedString(object.Object, "spec", "jobReference", "name")
	kind, _, _ := unstructured.NestedString(object.Object, "spec", "jobReference", "kind")
	if name == "" {
		return "Job reference must be supplied for this snapshot", nil
	}
	if state, _, _ := unstructured.NestedString(object.Object, "status", "state"); state != "" && state != "TRIGGER_PENDING" {
		return "", nil
	}
	target := deployments
	if kind == "FlinkSessionJob" {
		target = sessionJobs
	}
	_, err := w.api.get(ctx, target, types.NamespacedName{Namespace: object.GetNamespace(), Name: name})
	if apierrors.IsNotFound(errors.Unwrap(err)) {
		return fmt.Sprintf("Target for snapshot %s/%s was not found", object.GetNamespace(), object.GetName()), nil
	}
	return "", err
}

// mutate writes the label that leads from a session job to its cluster and, by
// the way, the Java defaults of a list and a map. The first to read an object, it
// meets values that Java cannot read.
func (w *Webhook) mutate(_ context.Context, request *admissionv1.AdmissionRequest) (*admissionv1.AdmissionResponse, error) {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(request.Object.Raw); err != nil {
		return nil, err
	}
	if version, ok, _ := unstructured.NestedString(object.Object, "spec", "flinkVersion"); ok && !versionPattern.MatchString(version) {
		return nil, fmt.Errorf("java.lang.RuntimeException: java.lang.IllegalArgumentException: Cannot deserialize value of type `FlinkVersion` from String %q: not one of the values accepted for Enum class\n"+
			" at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: FlinkDeployment[\"spec\"]->FlinkDeploymentSpec[\"flinkVersion\"])\n\tat FlinkMutator.mutateDeployment(FlinkMutator.java:109)", version)
	}
	const label = "target.session"
	cluster, _, _ := unstructured.NestedString(object.Object, "spec", "deploymentName")
	if cluster == "" || object.GetLabels()[label] == cluster {
		return &admissionv1.AdmissionResponse{Allowed: true}, nil
	}
	type operation struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	var patch []operation
	if len(object.GetLabels()) == 0 {
		patch = append(patch, operation{"add", "/metadata/labels", map[string]string{label: cluster}})
	} else {
		patch = append(patch, operation{"add", "/metadata/labels/" + label, cluster})
	}
	if _, ok, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "flinkConfiguration"); !ok {
		patch = append(patch, operation{"add", "/spec/flinkConfiguration", map[string]any{}})
	}
	if job, ok, _ := unstructured.NestedMap(object.Object, "spec", "job"); ok && job["args"] == nil {
		patch = append(patch, operation{"add", "/spec/job/args", []any{}})
	}
	text, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	kind := admissionv1.PatchTypeJSONPatch
	return &admissionv1.AdmissionResponse{Allowed: true, Patch: text, PatchType: &kind}, nil
}
