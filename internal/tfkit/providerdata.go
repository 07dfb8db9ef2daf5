package tfkit

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// ProviderData is what the provider's Configure hands on to the resources. One
// is shared by all of them.
type ProviderData struct {
	// Version is the version of the provider.
	Version string
	// ForceConflicts takes fields over from other field managers.
	ForceConflicts bool
	// KubernetesConfig says how to reach the cluster.
	KubernetesConfig kube.Config
	// NeverOnline plans without asking a cluster whether it would take what is
	// planned.
	NeverOnline bool
	// Unknown are the attributes of the provider block, for example
	// "kubernetes.host", whose values are not known yet.
	Unknown []string

	mutex  sync.Mutex
	client *kube.Client
	// unchecked is the one warning that a cluster was not asked.
	unchecked sync.Once
}

// UnknownConfigError says that attributes of the provider block get their
// values only when other resources are applied.
type UnknownConfigError struct{ Attributes []string }

func (e *UnknownConfigError) Error() string {
	return fmt.Sprintf("The provider block's %s is not known yet: its value comes from a resource that is not applied.", strings.Join(e.Attributes, ", "))
}

// Kubernetes returns the client that all resources share. It is made at the
// first call, and made again after a failure; it contacts nothing itself. An
// error is a *UnknownConfigError or a *kube.ConfigError.
func (d *ProviderData) Kubernetes(ctx context.Context) (*kube.Client, error) {
	if len(d.Unknown) > 0 {
		return nil, &UnknownConfigError{Attributes: d.Unknown}
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.client == nil {
		client, err := kube.Connect(d.KubernetesConfig)
		if err != nil {
			return nil, err
		}
		d.client = client
		logctx.From(ctx).Info("Connecting to Kubernetes", "endpoint", client.Endpoint())
	}
	return d.client, nil
}

// Configured returns what the provider's Configure handed on. It is nil before
// the provider is configured, as when Terraform only validates.
func Configured(data any) (*ProviderData, diag.Diagnostics) {
	if data == nil {
		return nil, nil
	}
	typed, ok := data.(*ProviderData)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("The provider handed on an unexpected configuration",
			fmt.Sprintf("Expected %T and got %T. This is a bug in the provider; please report it.", typed, data))}
	}
	return typed, nil
}
