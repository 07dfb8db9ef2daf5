package environment

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// This file has what an environment is on Ververica Platform: a namespace there, which is
// none of Kubernetes, with a deployment target.

// onVerverica is the platform's name.
const onVerverica = "ververica"

// alwaysThere is the namespace of the platform that nobody creates.
const alwaysThere = "default"

type ververicaModel struct {
	CreateNamespace  *bool               `tfsdk:"create_namespace"`
	DeploymentTarget *string             `tfsdk:"deployment_target"`
	RoleBindings     map[string][]string `tfsdk:"role_bindings"`
	Labels           map[string]string   `tfsdk:"labels"`
}

func ververicaAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What the environment has on the platform `ververica`, where it is a namespace of the platform with a deployment target in it.",
		Attributes: map[string]schema.Attribute{
			"create_namespace": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Create the namespace of the platform, and delete it with the environment. Default `true`: a namespace that exists already is then refused, and the provider block's `token` has to be an administrator's. " +
					"With `false` it must exist and stays. For the name `default`, the namespace that always exists and the only one of the Community Edition, it is `false`. With 3.x it has to be `false`: there, a namespace belongs to a workspace, and no published API creates one.",
			},
			"deployment_target": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The name of the deployment target, which leads to the Kubernetes namespace. Default: `name`. Another one replaces the environment. A deployment takes the one that has the environment's name, else the only one of the namespace.",
				Validators:          []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9A-Za-z_-]{1,250}$`), "has letters, digits, hyphens and underscores, at most 250")},
			},
			"role_bindings": schema.MapAttribute{
				Optional: true, ElementType: types.SetType{ElemType: types.StringType},
				MarkdownDescription: "Who has a role in the namespace, by role: `viewer`, `editor` or `owner`. Members are `user:<name>`, `group:<name>` or `system:authenticated`, and those of a role are all that it has. A role that is not here stays as it is. " +
					"Without access control, as in the Community Edition, leave it out. Whoever the provider acts as in the namespace has to be an `owner`. In a namespace that the environment has not created, they stay when it is destroyed.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(stringvalidator.OneOf("viewer", "editor", "owner")),
					mapvalidator.ValueSetsAre(setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(
						stringvalidator.RegexMatches(regexp.MustCompile(`^(user:.+|group:.+|system:authenticated)$`), "is user:<name>, group:<name> or system:authenticated"))),
				},
			},
			"labels": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Labels of the deployment target. Those of others stay.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
		},
	}
}

// block is the attribute ververica with nothing in it where it is left out.
func (m *model) block() ververicaModel { return ptr.Deref(m.Ververica, ververicaModel{}) }

// target is ververica.deployment_target with its default.
func (m *model) target() string {
	if ptr.Deref(m.Platform, "") != onVerverica {
		return ""
	}
	return ptr.Deref(m.block().DeploymentTarget, ptr.Deref(m.Name, ""))
}

// wantVerverica puts into an environment what only this platform has.
func (m *model) wantVerverica(want *platform.Environment) {
	want.DeploymentTarget, want.Labels = m.target(), m.block().Labels
	for role, members := range m.block().RoleBindings {
		if want.RoleBindings == nil {
			want.RoleBindings = map[string][]string{}
		}
		want.RoleBindings[role] = slices.Sorted(slices.Values(members))
	}
}

// checkVerverica checks what depends on the environment's name.
func (m *model) checkVerverica() diag.Diagnostics {
	if ptr.Deref(m.Name, "") != alwaysThere || !ptr.Deref(m.block().CreateNamespace, false) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(onVerverica).AtName("create_namespace"), "The namespace default always exists",
		"Nobody can create it or delete it. Leave create_namespace out, or give the environment another name.")}
}

// otherTarget is the attribute deployment_target where a plan has another one than the
// state, as far as it is known: none of the same environment can be changed.
func otherTarget(raw tftypes.Value, plan, state *model) path.Paths {
	known := tfkit.Identifying{At: []string{onVerverica, "deployment_target"}}.KnownIn(raw)
	same := ptr.Deref(plan.Name, "") == ptr.Deref(state.Name, "") && ptr.Deref(plan.Platform, "") == ptr.Deref(state.Platform, "")
	if !known || !same || plan.target() == state.target() {
		return nil
	}
	return path.Paths{path.Root(onVerverica).AtName("deployment_target")}
}

// takeVerverica fills in what an import has found: what is not the default. The roles of
// the namespace are not taken over, as nothing tells which of them the environment has
// said.
func (m *model) takeVerverica(found *platform.FoundEnvironment) {
	block := ververicaModel{Labels: maps.Clone(found.Access.Labels)}
	if len(block.Labels) == 0 {
		block.Labels = nil
	}
	if found.DeploymentTarget != found.Name {
		block.DeploymentTarget = &found.DeploymentTarget
	}
	if !found.CreateNamespace && found.Name != alwaysThere {
		block.CreateNamespace = new(false)
	}
	if block.Labels != nil || block.DeploymentTarget != nil || block.CreateNamespace != nil {
		m.Ververica = &block
	}
}

// takeUnknown fills in what is supposed of an environment of which an import has found
// nothing: a namespace that is there is somebody else's.
func (m *model) takeUnknown() {
	if ptr.Deref(m.Platform, "") == onVerverica && ptr.Deref(m.Name, "") != alwaysThere {
		m.Ververica = &ververicaModel{CreateNamespace: new(false)}
	}
}

// notCreated is the error of a plan that makes a namespace the environment's own that it
// has not created: destroying the environment would delete it.
func notCreated(block, namespace string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(block).AtName("create_namespace"),
		"The namespace was not created by this environment",
		fmt.Sprintf("The environment uses the namespace %s, which others created. With create_namespace = true, destroying the environment would delete it. "+
			"Set %s.create_namespace = false, or use another namespace.", namespace, block))
}
