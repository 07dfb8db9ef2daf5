package ververica

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file has the deployment target of an environment: the Kubernetes namespace, and
// in annotations what the environment leaves for others.

const (
	// settingsAnnotation has the settings of the environment, for configurations that did
	// not create it.
	settingsAnnotation = annotationPrefix + "settings"
	// namespaceAnnotation tells, with the value namespaceCreated, that the environment has
	// created the namespace of the platform.
	namespaceAnnotation = annotationPrefix + "namespace"
	namespaceCreated    = "created"
)

// targetOf returns what is sent of the deployment target of an environment.
func targetOf(want platform.Environment) object {
	annotations := object{settingsAnnotation: want.Settings}
	if want.CreateNamespace {
		annotations[namespaceAnnotation] = namespaceCreated
	}
	return object{
		"kind": kinds[targets], "apiVersion": apiVersion,
		"metadata": object{"name": want.DeploymentTarget, "namespace": want.Name, "labels": treeOf(want.Labels), "annotations": annotations},
		"spec":     object{"kubernetes": object{"namespace": want.Namespace}},
	}
}

// target returns the deployment target of an environment as the server has it now.
func (e environments) target(ctx context.Context, of platform.Environment) (object, error) {
	return e.client.get(ctx, of.Name, targets, of.DeploymentTarget)
}

func targetKey(of platform.Environment) key { return key{of.Name, targets, of.DeploymentTarget} }

// createTarget creates the deployment target.
func (e environments) createTarget(ctx context.Context, want platform.Environment) (object, error) {
	return e.client.create(ctx, targetKey(want), targetOf(want), nil)
}

// writeTarget gives the deployment target its labels and annotations. What others have
// said there stays, and so does its specification, which cannot be changed.
func (e environments) writeTarget(ctx context.Context, found object, want, previous platform.Environment) error {
	next := flink.Overlay(found, targetOf(previous), targetOf(want))
	next["spec"] = found["spec"]
	metadata, _ := next["metadata"].(object)
	annotations, _ := metadata["annotations"].(object)
	metadata["annotations"] = unmarked(annotations)
	if reflect.DeepEqual(next, found) {
		return nil
	}
	defer e.client.written.Write(targetKey(want))()
	return e.client.do(ctx, want.Name, rest.Request{Method: http.MethodPut, Path: at(want.Name, targets, want.DeploymentTarget), Body: next}, nil)
}

// deleteTarget deletes the deployment target. The server refuses it while something
// refers to it, as a deployment does that is just being deleted.
func (e environments) deleteTarget(ctx context.Context, of platform.Environment) error {
	defer e.client.written.Write(targetKey(of))()
	var refused error
	err := until(ctx, func(ctx context.Context) (bool, error) {
		err := e.client.do(ctx, of.Name, rest.Request{Method: http.MethodDelete, Path: at(of.Name, targets, of.DeploymentTarget)}, nil)
		switch rest.Code(err) {
		case http.StatusNotFound:
			return true, nil
		case http.StatusConflict:
			refused = err
			return false, e.used(ctx, of)
		}
		return err == nil, err
	})
	if refused != nil && ctx.Err() != nil {
		return fmt.Errorf("%w It was tried until the end: %w", refused, ctx.Err())
	}
	return err
}
