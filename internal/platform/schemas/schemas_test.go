package schemas

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
)

const (
	first  = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}`
	second = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"},{"name":"note","type":"string","default":""}]}`
	third  = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`
)

// kept are Secrets by name.
type kept map[string]map[string][]byte

// Secret implements Secrets.
func (k kept) Secret(_ context.Context, name string) (map[string][]byte, error) {
	if values, has := k[name]; has {
		return values, nil
	}
	return nil, errors.New("there is no Secret " + name)
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, product := range []registrytest.Product{registrytest.Confluent, registrytest.Karapace, registrytest.Apicurio} {
		t.Run(product.String(), func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(product)
			server.SetLevel("", "BACKWARD")
			server.Demand("reader", "open sesame")
			s := New(defaults.SchemaRegistry{URL: "http://nobody", AdminURL: new(server.Start(t)), Secret: new("registry")},
				kept{"registry": {"username": []byte("reader"), "password": []byte("open sesame")}}, "test")
			var absent *platform.NotFoundError
			if _, err := s.Schema(t.Context(), "orders-value", "latest"); !errors.As(err, &absent) || absent.Ref.Name != "orders-value" {
				t.Errorf("a subject that there is not: %v", err)
			}
			for _, text := range []string{first, second} {
				if err := s.Check(t.Context(), "orders-value", text); err != nil {
					t.Fatal(err)
				}
				if err := s.Register(t.Context(), "orders-value", text); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := s.Schema(t.Context(), "orders-value", "2"); err != nil || !strings.Contains(text, `"note"`) {
				t.Errorf("the second version is %s, %v", text, err)
			}
			if _, err := s.Schema(t.Context(), "orders-value", "9"); !errors.As(err, &absent) || absent.Ref.Name != "orders-value version 9" {
				t.Errorf("a version that there is not: %v", err)
			}
			for what, try := range map[string]func() error{
				"check":    func() error { return s.Check(t.Context(), "orders-value", third) },
				"register": func() error { return s.Register(t.Context(), "orders-value", third) },
			} {
				var rejected *platform.RejectedError
				if err := try(); !errors.As(err, &rejected) || rejected.Message == "" || !strings.HasPrefix(rejected.By, "The schema registry http://127.0.0.1") {
					t.Errorf("%s of a schema that reads no other: %v", what, err)
				}
			}
			if is := server.Versions("orders-value"); len(is) != 2 {
				t.Errorf("the registry has %q", is)
			}
		})
	}
}

// What is asked of a registry does not begin without its credentials, and no error has them.
func TestCredentials(t *testing.T) {
	t.Parallel()
	server := registrytest.New(registrytest.Confluent)
	server.DemandToken("open sesame")
	url := server.Start(t)
	for name, test := range map[string]struct {
		where   defaults.SchemaRegistry
		secrets kept
		want    string
	}{
		"a token":              {defaults.SchemaRegistry{URL: url, Secret: new("registry")}, kept{"registry": {"token": []byte("open sesame")}}, ""},
		"another token":        {defaults.SchemaRegistry{URL: url, Secret: new("registry")}, kept{"registry": {"token": []byte("open barley")}}, "401"},
		"no Secret":            {defaults.SchemaRegistry{URL: url, Secret: new("registry")}, nil, "there is no Secret registry"},
		"neither":              {defaults.SchemaRegistry{URL: url, Secret: new("registry")}, kept{"registry": {"user": []byte("a")}}, "neither the keys username and password nor the key token"},
		"no authorities":       {defaults.SchemaRegistry{URL: url, CA: &flink.SecretRef{Secret: "ca", Key: "ca.crt"}}, kept{"ca": {}}, "no key ca.crt"},
		"none, where one must": {defaults.SchemaRegistry{URL: url}, nil, "401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := New(test.where, test.secrets, "test").Register(t.Context(), "orders-value", first)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "open ") {
				t.Errorf("the error has a secret: %v", err)
			}
		})
	}
}
