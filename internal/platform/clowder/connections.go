package clowder

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.ConnectionsFinder = (*Platform)(nil)

// Connections implements platform.ConnectionsFinder: it reads the Secret that Clowder writes for a
// ClowdApp.
func (p *Platform) Connections(ctx context.Context, environment, application string) (*platform.Connections, error) {
	namespace, err := p.namespace(ctx, environment)
	absent := &platform.NotFoundError{Kind: secretKind.Kind, Ref: platform.Ref{Namespace: environment, Name: application}}
	if missing := (*noPlaceError)(nil); errors.As(err, &missing) {
		return nil, absent
	}
	if err != nil {
		return nil, told(err)
	}
	found, err := p.cluster.Get(ctx, secretKind, keyIn(namespace, application))
	if isAbsent(err) {
		return nil, absent
	}
	if err != nil {
		return nil, told(err)
	}
	values, err := kube.SecretValues(found)
	if err != nil {
		return nil, err
	}
	text, has := values[clowd.ConfigurationKey]
	if !has {
		return nil, absent
	}
	is, err := clowd.ReadConfiguration(text)
	return &platform.Connections{
		BootstrapServers: is.BootstrapServers, SecurityProtocol: is.SecurityProtocol, Mechanism: is.Mechanism, Username: is.Username, Password: is.Password,
		CACertificate: is.CACertificate, Topics: is.Topics,
	}, err
}
