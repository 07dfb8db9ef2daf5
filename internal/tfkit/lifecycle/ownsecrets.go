package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

func ownSecrets(data Data) *tfkit.OwnSecretsModel { return &data.Shared().OwnSecretsModel }

// secretKeys are the keys whose values are in the Secret of the last apply. Only
// their values are write-only, but no state has them.
func (r resume) secretKeys() []string {
	return strings.Fields(r.SecretKeys)
}

// refer has a state's data take keys from its own Secret.
func (r resume) refer(data Data) {
	if name := data.Shared().Name; name != nil {
		ownSecrets(data).Refer(*name, r.secretKeys())
	}
}

// referPlanned has the data of a plan and of its prior state, nil for none, take
// keys from their own Secrets: those of the configuration where the version is
// another one, and those of the state where it is the same, even if it had none: an
// update writes no Secret of a version that was applied.
func (r resume) referPlanned(plan, prior Data, config tftypes.Value) {
	own := ownSecrets(plan)
	if plan.Shared().Name == nil {
		return
	}
	if prior != nil {
		r.refer(prior)
		last := ownSecrets(prior)
		if name := *plan.Shared().Name; own.SecretOf(name) == last.SecretOf(*prior.Shared().Name) {
			own.Refer(name, r.secretKeys())
			return
		}
	}
	values, _ := writeOnly(config)
	own.Refer(*plan.Shared().Name, slices.Sorted(maps.Keys(values)))
}

// secretKeysOf is what a state remembers of the keys of a plan.
func secretKeysOf(plan Data) string { return strings.Join(ownSecrets(plan).Keys(), " ") }

// anotherSecret tells whether a plan takes its values from another Secret than the
// prior state. Values of the same version are not looked at.
func anotherSecret(plan, prior Data) bool {
	return ownSecrets(plan).SecretOf("") != ownSecrets(prior).SecretOf("")
}

// writeOnly returns the values that a configuration gives, nil for none, and
// whether their keys are known.
func writeOnly(config tftypes.Value) (values map[string]tftypes.Value, known bool) {
	found, _, err := tftypes.WalkAttributePath(config, tftypes.NewAttributePath().WithAttributeName(tfkit.SecretConfigurationWO))
	value, ok := found.(tftypes.Value)
	if err != nil || !ok || value.IsNull() {
		return nil, true
	}
	if !value.IsKnown() || value.As(&values) != nil {
		return nil, false
	}
	return values, true
}

// hasSecrets tells whether the provider may have Secrets for a deployment in a
// state.
func (r resume) hasSecrets(data Data) bool {
	return r.Secrets || ownSecrets(data).SecretConfigurationWOVersion != nil
}

// keepSecret writes the values that a configuration gives to the Secret that the
// specification takes them from. It comes before the specification, because pods
// do not start without the Secret. of says for which deployment.
func (r *Resource) keepSecret(ctx context.Context, deployments platform.Deployments, ref platform.Ref, plan Data, config tftypes.Value, of platform.OwnSecret) diag.Diagnostics {
	var diags diag.Diagnostics
	raw, known := writeOnly(config)
	if len(raw) == 0 && known {
		return nil
	}
	values := map[string]string{}
	for key, value := range raw {
		var text string
		if !value.IsKnown() || value.As(&text) != nil {
			known = false
		}
		values[key] = text
	}
	keeper, keeps := deployments.(platform.SecretKeeper)
	switch {
	case !known:
		diags.AddAttributeError(path.Root(tfkit.SecretConfigurationWO), "The values are not known", "The values of secret_configuration_wo must be known when they are written. Nothing was written.")
	case !keeps:
		diags.AddAttributeError(path.Root(tfkit.SecretConfigurationWO), "The platform keeps no secrets", "Use secret_configuration with a Secret of your own.")
	default:
		of.Name, of.Values = ownSecrets(plan).SecretOf(ref.Name), values
		if err := keeper.KeepSecret(ctx, ref, of); err != nil {
			diags.Append(tfkit.Attempt{Doing: fmt.Sprintf("keep the secrets of the %s %q in namespace %s", r.Kind, ref.Name, ref.Namespace)}.Diagnostics(err)...)
		}
	}
	return diags
}

// discardTimeout bounds what is deleted after a create that failed, as its user
// waits.
const discardTimeout = 5 * time.Second

// discardSecret deletes what keepSecret wrote for a create that has failed. No
// state has the deployment then, so nobody else would.
func (r *Resource) discardSecret(ctx context.Context, deployments platform.Deployments, ref platform.Ref, plan Data, failed error) diag.Diagnostics {
	keeper, keeps := deployments.(platform.SecretKeeper)
	own := ownSecrets(plan)
	if !keeps || own.SecretConfigurationWOVersion == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTimeout)
	defer cancel()
	return leftBehind(ref, keeper.DiscardSecret(ctx, ref, own.SecretOf(ref.Name), failed))
}

// dropSecrets deletes the Secrets of a deployment, but for those that the given
// ones take their values from. It tells whether no other is left.
func (r *Resource) dropSecrets(ctx context.Context, deployments platform.Deployments, ref platform.Ref, users ...Data) (dropped bool, diags diag.Diagnostics) {
	keeper, keeps := deployments.(platform.SecretKeeper)
	if !keeps {
		return false, nil
	}
	var except []string
	for _, user := range users {
		if name := ownSecrets(user).SecretOf(ref.Name); name != "" {
			except = append(except, name)
		}
	}
	err := keeper.DropSecrets(ctx, ref, except...)
	return err == nil, leftBehind(ref, err)
}

func leftBehind(ref platform.Ref, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("A Secret of %q is left behind", ref.Name),
		tfkit.Sentence(err.Error())+fmt.Sprintf(" Delete the Secrets %s-secret-configuration-* in namespace %s that no deployment uses.", ref.Name, ref.Namespace))}
}
