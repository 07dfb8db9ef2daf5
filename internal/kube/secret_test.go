package kube

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestSecretValues(t *testing.T) {
	t.Parallel()
	secret := func(data any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"namespace": "shop", "name": "kafka"}, "data": data}}
	}
	values, err := SecretValues(secret(map[string]any{"username": "YQ==", "password": "AAE="}))
	if err != nil || string(values["username"]) != "a" || string(values["password"]) != "\x00\x01" {
		t.Errorf("got %q, %v", values, err)
	}
	for what, data := range map[string]any{"no base64": map[string]any{"password": "open sesame"}, "no texts": map[string]any{"password": []any{"open sesame"}}} {
		if _, err := SecretValues(secret(data)); err == nil || !strings.Contains(err.Error(), "shop/kafka") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
