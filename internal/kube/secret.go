package kube

import (
	"encoding/base64"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// SecretValues returns the values of a Secret by key. No error has one of them.
func SecretValues(secret *unstructured.Unstructured) (map[string][]byte, error) {
	encoded, _, err := unstructured.NestedStringMap(secret.Object, "data")
	if err != nil {
		return nil, fmt.Errorf("the Secret %s/%s has data that are no texts", secret.GetNamespace(), secret.GetName())
	}
	out := make(map[string][]byte, len(encoded))
	for key, value := range encoded {
		if out[key], err = base64.StdEncoding.DecodeString(value); err != nil {
			return nil, fmt.Errorf("the key %s of the Secret %s/%s is not base64", key, secret.GetNamespace(), secret.GetName())
		}
	}
	return out, nil
}
