package cloudflow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// tell writes the status of an application, from the first pod on, or why it is given up.
func (o *Operator) tell(ctx context.Context, cr *unstructured.Unstructured, known *app) error {
	if !known.podSeen && known.failed == "" {
		return nil
	}
	status := object{"app_id": cr.GetName(), "app_version": "1", "app_status": "Running", "app_message": ""}
	var streamlets []any
	for _, entry := range entries(cr) {
		of, running, crashes, err := o.tellOf(ctx, cr, entry)
		if err != nil {
			return err
		}
		streamlets = append(streamlets, of)
		switch {
		case crashes:
			status["app_status"] = "CrashLoopBackOff"
		case !running && status["app_status"] == "Running":
			status["app_status"] = "Pending"
		}
	}
	status["streamlet_statuses"] = streamlets
	if known.failed != "" {
		status["app_status"] = "Error"
		status["app_message"] = "An unrecoverable error has occurred, please undeploy the application. Reason: " + known.failed
	}
	encoded, err := json.Marshal(status)
	if err != nil || known.status == string(encoded) {
		return err
	}
	cr.Object["status"] = status
	_, err = o.client.Resource(applications).Namespace(cr.GetNamespace()).UpdateStatus(ctx, cr, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	if err == nil {
		known.status = string(encoded)
	}
	return err
}

// tellOf is what the status has of a streamlet.
func (o *Operator) tellOf(ctx context.Context, cr *unstructured.Unstructured, entry object) (of object, running, crashes bool, err error) {
	name := text(entry, "streamlet_name")
	if entry["runtime"] != runtimeAkka {
		external := object{"name": "<external>", "ready": "True", "nr_of_containers_ready": int64(0), "restarts": int64(0), "status": "Unknown"}
		return object{"streamlet_name": name, "expected_pod_count": int64(0), "pod_statuses": []any{external}}, true, false, nil
	}
	live, err := o.client.Resource(pods).Namespace(cr.GetNamespace()).List(ctx, metav1.ListOptions{LabelSelector: nameLabel + "=" + podName(entry)})
	if err != nil {
		return nil, false, false, err
	}
	all := []any{}
	running = int64(len(live.Items)) == replicas(entry)
	for i := range live.Items {
		containers, _, _ := unstructured.NestedSlice(live.Items[i].Object, "status", "containerStatuses")
		is := object{"name": live.Items[i].GetName(), "ready": "False", "nr_of_containers_ready": int64(0), "restarts": int64(0), "status": "Pending"}
		if len(containers) > 0 {
			container, _ := containers[0].(object)
			is["restarts"] = container["restartCount"]
			state, _ := container["state"].(object)
			if waiting, _ := state["waiting"].(object); waiting != nil {
				is["status"] = waiting["reason"]
			} else {
				is["status"] = "Running"
			}
			if container["ready"] == true {
				is["ready"], is["nr_of_containers_ready"] = "True", int64(1)
			}
		}
		running = running && is["ready"] == "True"
		crashes = crashes || is["status"] == "CrashLoopBackOff"
		all = append(all, is)
	}
	return object{"streamlet_name": name, "expected_pod_count": replicas(entry), "pod_statuses": all}, running, crashes, nil
}

// topics makes the ConfigMaps of topics. The brokers are played by nobody: a topic that the operator would create is in its
// ConfigMap.
func (o *Operator) topics(ctx context.Context, cr *unstructured.Unstructured, known *app) error {
	done := map[string]bool{}
	for _, entry := range entries(cr) {
		mappings, _ := entry["port_mappings"].(object)
		for _, port := range slices.Sorted(maps.Keys(mappings)) {
			mapping, _ := mappings[port].(object)
			id := text(mapping, "id")
			if done[id] {
				continue
			}
			done[id] = true
			if err := o.topic(ctx, cr, known, entry, id, text(mapping, "cluster")); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Operator) topic(ctx context.Context, cr *unstructured.Unstructured, known *app, entry object, id, cluster string) error {
	secret, err := o.client.Resource(secrets).Namespace(cr.GetNamespace()).Get(ctx, text(entry, "secret_name"), metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	var said topicIn
	if err == nil {
		all, err := topicsIn(secret)
		if err != nil {
			return err
		}
		said = all[id]
	}
	bootstrap, partitions, copies := said.Config.Bootstrap.Servers, said.Config.Partitions, said.Config.Replicas
	if bootstrap == "" {
		if cluster == "" {
			cluster = "default"
		}
		of, err := o.client.Resource(secrets).Namespace(o.Namespace).Get(ctx, "cloudflow-kafka-cluster-"+cluster, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			known.failed = fmt.Sprintf("Could not find Kafka configuration for topic [%s] cluster [%s]", id, cluster)
			return nil
		}
		if err != nil {
			return err
		}
		bootstrap = valueOf(of, "bootstrap.servers")
		one, _ := strconv.Atoi(valueOf(of, "partitions"))
		two, _ := strconv.Atoi(valueOf(of, "replicas"))
		partitions, copies = &one, &two
	}
	if partitions == nil || copies == nil {
		known.failed = fmt.Sprintf("Default Kafka connection configuration was invalid for topic [%s].", id)
		return nil
	}
	return o.put(ctx, configMaps, object{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": object{"name": "topic-" + id, "namespace": cr.GetNamespace(), "labels": object{managedByLabel: managedBy, partOfLabel: cr.GetName(), nameLabel: id}},
		"data":     object{"id": id, "name": id, "partitions": strconv.Itoa(*partitions), "replicationFactor": strconv.Itoa(*copies), "bootstrap.servers": bootstrap},
	})
}
