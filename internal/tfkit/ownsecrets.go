package tfkit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// OwnSecretsModel are the attributes of a resource whose write-only values the
// provider keeps in a Kubernetes Secret of its own.
type OwnSecretsModel struct {
	// SecretConfigurationWO is null in plans and states.
	SecretConfigurationWO        map[string]string `tfsdk:"secret_configuration_wo"`
	SecretConfigurationWOVersion *int64            `tfsdk:"secret_configuration_wo_version"`

	refs map[string]flink.SecretRef
}

// Names of the attributes of OwnSecretsModel.
const (
	SecretConfigurationWO        = "secret_configuration_wo"
	SecretConfigurationWOVersion = "secret_configuration_wo_version"
)

// SecretOf returns the name of the Secret with the values of a deployment; empty
// when it has none. Another version has another Secret, so that the pods of the
// version before find theirs until they are gone, and after a rollback too.
func (m *OwnSecretsModel) SecretOf(deployment string) string {
	if m.SecretConfigurationWOVersion == nil {
		return ""
	}
	return fmt.Sprintf("%s-secret-configuration-%d", deployment, *m.SecretConfigurationWOVersion)
}

// Refer has the layer take keys from the Secret of a deployment.
func (m *OwnSecretsModel) Refer(deployment string, keys []string) {
	m.refs = map[string]flink.SecretRef{}
	secret := m.SecretOf(deployment)
	for _, key := range keys {
		if secret != "" {
			m.refs[key] = flink.SecretRef{Secret: secret, Key: key}
		}
	}
}

// Keys returns the keys that the layer takes from the Secret, sorted.
func (m *OwnSecretsModel) Keys() []string { return slices.Sorted(maps.Keys(m.refs)) }

// refer returns references to Secrets with those to the provider's own.
func (m *OwnSecretsModel) refer(refs map[string]*flink.SecretRef) map[string]*flink.SecretRef {
	if len(m.refs) == 0 {
		return refs
	}
	refs = maps.Clone(refs)
	if refs == nil {
		refs = map[string]*flink.SecretRef{}
	}
	for key, ref := range m.refs {
		refs[key] = &ref
	}
	return refs
}

func checkSecretKey(at path.Path, text string, diags *diag.Diagnostics) {
	if problems := validation.IsConfigMapKey(text); len(problems) > 0 {
		diags.AddAttributeError(at, "Not a valid key of a Kubernetes Secret", fmt.Sprintf("The key %q is refused: %s.", text, strings.Join(problems, "; ")))
	}
}

// secretConfigurationAttribute is the attribute secret_configuration.
func secretConfigurationAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Flink configuration keys whose values are in Kubernetes Secrets of the namespace, for example `{ \"s3.secret-key\" = { secret = \"s3\", key = \"secret-key\" } }`. " +
			"Only names are in the state and in the cluster's objects. Merged key by key with that of the environment; `null` removes an inherited key. Keys that Flink can take in this way: " + flink.KnownSecretKeys + ".",
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"secret": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name of the Secret. It must exist before the pods start.",
				Validators: []validator.String{ObjectNameValidator()},
			},
			"key": schema.StringAttribute{
				Required: true, MarkdownDescription: "The key in the Secret.",
				Validators: []validator.String{textCheck{"a key of a Kubernetes Secret: letters, digits, hyphens, underscores and dots", checkSecretKey}},
			},
		}},
	}
}

// OwnSecretsAttributes are the attributes of OwnSecretsModel.
func OwnSecretsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		SecretConfigurationWO: schema.MapAttribute{
			Optional:    true,
			WriteOnly:   true,
			ElementType: types.StringType,
			MarkdownDescription: "Values of such keys, which are never in a plan or a state: `{ \"s3.secret-key\" = ephemeral.vault_secret.s3.value }`. The provider keeps them in a Secret of its own, which goes with the deployment. " +
				"Another value is only taken with another `secret_configuration_wo_version`, and restarts the job. Needs Terraform 1.11 or OpenTofu 1.11.",
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
				mapvalidator.AlsoRequires(path.MatchRoot(SecretConfigurationWOVersion)),
			},
		},
		SecretConfigurationWOVersion: schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "The version of `secret_configuration_wo`: raise it to have other values or keys taken, also the first ones where an apply had a version and no values.",
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
	}
}
