package cloudflow

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// owner is the reference to an application.
func owner(cr *unstructured.Unstructured) []any {
	return []any{object{
		"apiVersion": cr.GetAPIVersion(), "kind": cr.GetKind(), "name": cr.GetName(), "uid": string(cr.GetUID()), "controller": true, "blockOwnerDeletion": true,
	}}
}

// valueOf is a value of a Secret.
func valueOf(secret *unstructured.Unstructured, key string) string {
	encoded, _, _ := unstructured.NestedString(secret.Object, "data", key)
	text, _ := base64.StdEncoding.DecodeString(encoded)
	return string(text)
}

// workload is the Deployment of a streamlet. It is paused: its pods are played.
func (o *Operator) workload(cr *unstructured.Unstructured, entry object, secret *unstructured.Unstructured) object {
	name := podName(entry)
	labels := object{partOfLabel: cr.GetName(), managedByLabel: managedBy, nameLabel: name, "app.kubernetes.io/component": "streamlet"}
	ofPods := maps.Clone(labels)
	ofPods[streamletLabel], ofPods[appLabel] = text(entry, "streamlet_name"), cr.GetName()
	annotations := object{"prometheus.io/scrape": "true"}
	config := podsOf(secret)
	if config == nil {
		o.Log.Error("invalid pods configuration, IGNORING it", "secret", secret.GetName())
		config = &pod{}
	}
	for key, value := range config.Labels {
		ofPods[key] = value
	}
	for key, value := range config.Annotations {
		annotations[key] = value
	}
	volumes := []any{object{"name": secret.GetName(), "secret": object{"secretName": secret.GetName()}}}
	for _, name := range slices.Sorted(maps.Keys(config.Volumes)) {
		volumes = append(volumes, config.Volumes[name].object(name))
	}
	container := config.Containers["container"]
	mounts := []any{object{"name": secret.GetName(), "mountPath": "/etc/cloudflow-runner-secret", "readOnly": true}}
	for _, name := range slices.Sorted(maps.Keys(container.Mounts)) {
		mount := container.Mounts[name]
		mounts = append(mounts, object{"name": name, "mountPath": mount.Path, "subPath": mount.SubPath, "readOnly": mount.ReadOnly == nil || *mount.ReadOnly})
	}
	env := []any{object{"name": "JAVA_OPTS", "value": ""}}
	for _, variable := range container.Env {
		env = append(env, object{"name": variable.Name, "value": variable.Value})
	}
	spec := object{
		"serviceAccountName": "cloudflow-app-serviceaccount", "volumes": volumes,
		"containers": []any{object{
			"name": name, "image": text(entry, "image"), "imagePullPolicy": "Always", "env": env, "volumeMounts": mounts,
			"resources": object{"requests": container.Resources.Requests.object(), "limits": container.Resources.Limits.object()},
		}},
	}
	return object{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": object{"name": name, "namespace": cr.GetNamespace(), "labels": labels, "ownerReferences": owner(cr)},
		"spec": object{
			"replicas": replicas(entry), "paused": true, "selector": object{"matchLabels": object{nameLabel: name}}, "strategy": object{"type": "Recreate"},
			"template": object{"metadata": object{"labels": ofPods, "annotations": annotations}, "spec": spec},
		},
	}
}

// replicas are those of an entry, 1 by default.
func replicas(entry object) int64 {
	switch n := entry["replicas"].(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 1
}

// podsOf reads the configuration of the pods of a streamlet; nil for one that is wrong.
func podsOf(secret *unstructured.Unstructured) *pod {
	var config struct {
		Kubernetes struct {
			Pods map[string]pod `json:"pods"`
		} `json:"kubernetes"`
	}
	if err := strictly(valueOf(secret, "pods-config.conf"), &config); err != nil {
		return nil
	}
	is := config.Kubernetes.Pods["pod"]
	for _, keys := range []map[string]string{is.Labels, is.Annotations} {
		for key := range keys {
			if !validKey(key) {
				return nil
			}
		}
	}
	return &is
}

// topicIn is what the configuration of a streamlet says of a topic.
type topicIn struct {
	ID     string `json:"id"`
	Config struct {
		Bootstrap struct {
			Servers string `json:"servers"`
		} `json:"bootstrap"`
		Partitions *int `json:"partitions"`
		Replicas   *int `json:"replicas"`
		Topic      struct {
			Name string `json:"name"`
		} `json:"topic"`
	} `json:"config"`
}

// topicsIn are the topics of a streamlet's Secret, by their ids.
func topicsIn(secret *unstructured.Unstructured) (map[string]topicIn, error) {
	var config struct {
		Cloudflow struct {
			Runner struct {
				Streamlet struct {
					Context struct {
						Mappings map[string]topicIn `json:"port_mappings"`
					} `json:"context"`
				} `json:"streamlet"`
			} `json:"runner"`
		} `json:"cloudflow"`
	}
	if err := json.Unmarshal([]byte(valueOf(secret, "secret.conf")), &config); err != nil {
		return nil, fmt.Errorf("secret.conf of %s: %w", secret.GetName(), err)
	}
	out := map[string]topicIn{}
	for _, mapping := range config.Cloudflow.Runner.Streamlet.Context.Mappings {
		out[mapping.ID] = mapping
	}
	return out, nil
}
