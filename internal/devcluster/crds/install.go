package crds

import (
	"context"
	"encoding/json"
	"fmt"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// fieldManager owns the definitions that Install applies.
const fieldManager = "devcluster"

// Install applies the definitions of a version of the operator, see Versions, and returns when the apiserver serves
// them. Definitions that are there already are brought to this version; kinds that this version lacks stay.
func Install(ctx context.Context, config *rest.Config, version string) error {
	definitions, err := Definitions(version)
	if err != nil {
		return err
	}
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	for _, definition := range definitions {
		if err := apply(ctx, client, definition); err != nil {
			return fmt.Errorf("applying %s of operator %s: %w", definition.Name, version, err)
		}
	}
	for _, definition := range definitions {
		if err := waitEstablished(ctx, client, definition.Name); err != nil {
			return err
		}
	}
	return nil
}

func apply(ctx context.Context, client *clientset.ApiextensionsV1Client, definition *apiextensions.CustomResourceDefinition) error {
	body, err := json.Marshal(definition)
	if err != nil {
		return err
	}
	force := true
	_, err = client.CustomResourceDefinitions().Patch(ctx, definition.Name, types.ApplyPatchType, body,
		meta.PatchOptions{FieldManager: fieldManager, Force: &force})
	return err
}

// waitEstablished returns when the definition has the condition Established, or the context ends.
func waitEstablished(ctx context.Context, client *clientset.ApiextensionsV1Client, name string) error {
	selector := fields.OneTermEqualSelector(meta.ObjectNameField, name).String()
	for {
		// Without a resource version a watch begins with what is there.
		events, err := client.CustomResourceDefinitions().Watch(ctx, meta.ListOptions{FieldSelector: selector})
		if err != nil {
			return fmt.Errorf("watching %s: %w", name, err)
		}
		done, err := seen(ctx, events)
		events.Stop()
		if done || err != nil {
			return err
		}
	}
}

// seen reads events until one shows an established definition; it is false when the watch ended before that.
func seen(ctx context.Context, events watch.Interface) (bool, error) {
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case event, open := <-events.ResultChan():
			if !open {
				return false, nil
			}
			if definition, ok := event.Object.(*apiextensions.CustomResourceDefinition); ok && established(definition) {
				return true, nil
			}
		}
	}
}

func established(definition *apiextensions.CustomResourceDefinition) bool {
	for _, condition := range definition.Status.Conditions {
		if condition.Type == apiextensions.Established && condition.Status == apiextensions.ConditionTrue {
			return true
		}
	}
	return false
}
