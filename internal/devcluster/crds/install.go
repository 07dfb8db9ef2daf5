package crds

import (
	"context"
	"errors"
	"fmt"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
)

// fieldManager owns the definitions that Install applies.
const fieldManager = "devcluster"

// Install applies the definitions of a version of the operator, see Versions, and returns when the apiserver serves
// their kinds. Definitions that are there already are brought to this version, which the apiserver takes up a moment
// later; kinds that this version lacks stay.
func Install(ctx context.Context, config *rest.Config, version string) error {
	definitions, err := Definitions(version)
	if err != nil {
		return err
	}
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	// All at once: the apiserver spends most of the time on schemas, one core for each definition.
	var applied sync.WaitGroup
	errs := make([]error, len(definitions))
	for i, definition := range definitions {
		applied.Go(func() {
			if err := apply(ctx, client.CustomResourceDefinitions(), definition); err != nil {
				errs[i] = fmt.Errorf("applying %s of operator %s: %w", definition.Name, version, err)
			}
		})
	}
	applied.Wait()
	return errors.Join(errs...)
}

// apply creates the definition or replaces its spec, and waits until it is served. Server-side apply would do the same
// in twice the time.
func apply(ctx context.Context, client clientset.CustomResourceDefinitionInterface, definition *apiextensions.CustomResourceDefinition) error {
	_, err := client.Create(ctx, definition, meta.CreateOptions{FieldManager: fieldManager})
	if apierrors.IsAlreadyExists(err) {
		err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
			current, err := client.Get(ctx, definition.Name, meta.GetOptions{})
			if err != nil {
				return err
			}
			current.Spec = definition.Spec
			_, err = client.Update(ctx, current, meta.UpdateOptions{FieldManager: fieldManager})
			return err
		})
	}
	if err != nil {
		return err
	}
	return waitEstablished(ctx, client, definition.Name)
}

// waitEstablished returns when the definition has the condition Established, or the context ends.
func waitEstablished(ctx context.Context, client clientset.CustomResourceDefinitionInterface, name string) error {
	selector := fields.OneTermEqualSelector(meta.ObjectNameField, name).String()
	for {
		// Without a resource version a watch begins with what is there.
		events, err := client.Watch(ctx, meta.ListOptions{FieldSelector: selector})
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

// InstallAll applies definitions of another operator, as Install does with those of the Flink operator.
func InstallAll(ctx context.Context, config *rest.Config, definitions ...*apiextensions.CustomResourceDefinition) error {
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client for custom resource definitions: %w", err)
	}
	for _, definition := range definitions {
		if err := apply(ctx, client.CustomResourceDefinitions(), definition); err != nil {
			return fmt.Errorf("applying %s: %w", definition.Name, err)
		}
	}
	return nil
}
