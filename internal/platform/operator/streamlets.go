package operator

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.StreamletFinder = (*Applications)(nil)

// Streamlets implements platform.StreamletFinder. The colors of a deployment have its labels, and it is
// called after its application and its streamlet whatever it consists of.
func (a *Applications) Streamlets(ctx context.Context, namespace, application string) (map[string]platform.Ref, error) {
	out := map[string]platform.Ref{}
	for _, kind := range []kube.Kind{deploymentKind, blueGreenKind} {
		found, err := a.single.cluster.List(ctx, kind, namespace, platform.ApplicationLabel+"="+application)
		if kind == blueGreenKind && lacksKind(err) {
			continue
		}
		if err != nil {
			return nil, a.single.translate(err, platform.Ref{Namespace: namespace, Name: application})
		}
		for _, object := range found {
			if streamlet := object.GetLabels()[platform.StreamletLabel]; streamlet != "" {
				out[streamlet] = platform.Ref{Namespace: namespace, Name: application + "-" + streamlet}
			}
		}
	}
	return out, nil
}

// lacksKind tells whether the cluster does not have a kind, as an operator before 1.14 has no blue/green
// deployments.
func lacksKind(err error) bool {
	var missing *kube.NotServedError
	return errors.As(err, &missing)
}

// KeptSecret implements platform.StreamletFinder.
func (a *Applications) KeptSecret(ctx context.Context, ref platform.Ref, name string) (map[string]string, error) {
	found, err := a.single.cluster.Get(ctx, secretKind, kube.Key{Namespace: ref.Namespace, Name: name})
	if isAbsent(err) {
		return nil, &platform.NotFoundError{Kind: "Secret", Ref: platform.Ref{Namespace: ref.Namespace, Name: name}}
	}
	if err != nil {
		return nil, err
	}
	values, err := kube.SecretValues(found)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(values))
	for key, value := range values {
		out[key] = string(value)
	}
	return out, nil
}

// KeepsSecrets implements platform.StreamletFinder.
func (a *Applications) KeepsSecrets(ctx context.Context, ref platform.Ref) (bool, error) {
	found, err := a.single.cluster.List(ctx, secretKind, ref.Namespace, secretsOfLabel+"="+ref.Name)
	return len(found) > 0, err
}
