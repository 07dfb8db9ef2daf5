package provider

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// named is what another platform means.
type named struct {
	operator.Rules
	name string
}

func (n named) Name() string { return n.name }

func TestPlatformsAreOfferedByName(t *testing.T) {
	here, there := errors.New("here"), errors.New("there")
	to := func(err error) platform.Connect {
		return func(context.Context) (platform.Platform, error) { return nil, err }
	}
	offers := []Offer{{named{name: "other"}, to(here)}, {operator.Rules{}, to(there)}}
	p := newProvider("1.2.3", offers)
	var names []string
	for _, rules := range p.platforms {
		names = append(names, rules.Name())
	}
	if diff := cmp.Diff([]string{"operator", "confluent", "ververica", "cloudflow", "clowder", "other"}, names); diff != "" || p.platforms.Default() != "operator" {
		t.Errorf("an environment without a platform is on %s (-want +got):\n%s", p.platforms.Default(), diff)
	}
	data, _, _ := configure(t.Context(), tfsdk.Config{Schema: providerSchema(), Raw: fill("", nil)}, "1.2.3", offers...)
	for name, want := range map[string]error{"other": here, "operator": there} {
		if _, err := data.Platform(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%s is connected with %v", name, err)
		}
	}
}

func TestClientIsSharedAndFailuresAreNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	c := &connections{Kubernetes: kube.Config{ConfigPath: path}}
	var wrong *kube.ConfigError
	if _, err := c.kubernetes(t.Context()); !errors.As(err, &wrong) || wrong.Attribute != "config_path" {
		t.Fatalf("without the file the error is %v", err)
	}
	for problem, remedy := range map[*kube.ConfigError]string{
		{Attribute: "context", Problem: "The kubeconfig has no context."}:     "Correct kubernetes.context in the provider block",
		{Problem: "There is none.", Tried: []string{"KUBECONFIG is not set"}}: "or set KUBECONFIG",
	} {
		var explained *platform.ExplainedError
		if !errors.As(explain(problem), &explained) || explained.Cause != "there is no usable configuration of a Kubernetes cluster" || !strings.Contains(explained.Remedy, remedy) {
			t.Errorf("%v is explained with %v", problem, explained)
		}
	}
	kubeconfig := "apiVersion: v1\nkind: Config\ncurrent-context: a\n" +
		"contexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
	if err := os.WriteFile(path, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := c.kubernetes(t.Context())
	if err != nil {
		t.Fatalf("a failure must not stay: %v", err)
	}
	if second, err := c.kubernetes(t.Context()); err != nil || second != first {
		t.Errorf("the second call gave another client, %v", err)
	}
}
