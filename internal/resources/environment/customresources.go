package environment

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Values of confluent.via: what an environment has is written to the server itself, or as custom
// resources that a controller hands on to it.
const (
	viaREST            = "rest"
	viaCustomResources = "custom_resources"
)

var httpURL = regexp.MustCompile(`^https?://.`)

type customResourcesModel struct {
	Namespace *string         `tfsdk:"namespace"`
	RESTClass *restClassModel `tfsdk:"rest_class"`
}

type restClassModel struct {
	Name           *string              `tfsdk:"name"`
	Namespace      *string              `tfsdk:"namespace"`
	Endpoint       *string              `tfsdk:"endpoint"`
	Authentication *authenticationModel `tfsdk:"authentication"`
	TLSSecret      *string              `tfsdk:"tls_secret"`
}

type authenticationModel struct {
	Type     *string `tfsdk:"type"`
	Secret   *string `tfsdk:"secret"`
	TokenURL *string `tfsdk:"token_url"`
	Scope    *string `tfsdk:"scope"`
	Audience *string `tfsdk:"audience"`
}

// customResources says where the custom resources of the environment are, which runs its jobs in
// a namespace; nil for none.
func (m *model) customResources(namespace string) *defaults.CustomResources {
	if m.Confluent == nil || ptr.Deref(m.Confluent.Via, viaREST) != viaCustomResources {
		return nil
	}
	out := &defaults.CustomResources{Namespace: namespace, PodNamespace: namespace}
	of := m.Confluent.CustomResources
	if of == nil {
		return out
	}
	out.Namespace = ptr.Deref(of.Namespace, namespace)
	if of.RESTClass != nil {
		out.Class, out.ClassNamespace = ptr.Deref(of.RESTClass.Name, ""), ptr.Deref(of.RESTClass.Namespace, "")
	}
	return out
}

// way says how the environment is reached.
func (m *model) way() defaults.Settings {
	return defaults.Settings{Environment: ptr.Deref(m.Name, ""), CustomResources: m.customResources(ptr.Deref(m.Namespace, ""))}.Way()
}

// restClass is the CMFRestClass that the environment makes, nil for none.
func (m *confluentModel) restClass() *platform.RESTClass {
	if m.CustomResources == nil || m.CustomResources.RESTClass == nil || m.CustomResources.RESTClass.Endpoint == nil {
		return nil
	}
	class := m.CustomResources.RESTClass
	out := &platform.RESTClass{Endpoint: *class.Endpoint, TLSSecret: ptr.Deref(class.TLSSecret, "")}
	if a := class.Authentication; a != nil {
		out.Authentication, out.Secret = ptr.Deref(a.Type, ""), ptr.Deref(a.Secret, "")
		out.TokenURL, out.Scope, out.Audience = ptr.Deref(a.TokenURL, ""), ptr.Deref(a.Scope, ""), ptr.Deref(a.Audience, "")
	}
	return out
}

// wayKnown tells whether a configuration or plan says how the environment is reached.
func wayKnown(raw tftypes.Value) bool {
	return (tfkit.Identifying{At: []string{"confluent", "via"}}).KnownIn(raw) && (tfkit.Identifying{At: []string{"confluent", "custom_resources"}}).KnownIn(raw)
}

// changeOfWay tells whether a plan has an environment be managed in another way than the state.
func changeOfWay(plan, state model) (bool, diag.Diagnostics) {
	return tfkit.ChangeOfWay("environment \""+ptr.Deref(state.Name, "")+"\"", plan.way(), state.way(), path.Root("confluent").AtName("custom_resources"))
}

// checkWay checks what is said of custom resources.
func (m *model) checkWay() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.Confluent == nil || m.Confluent.CustomResources == nil {
		return diags
	}
	at := path.Root("confluent").AtName("custom_resources")
	if via := ptr.Deref(m.Confluent.Via, viaREST); via != viaCustomResources {
		diags.AddAttributeError(at, "The environment has no custom resources",
			fmt.Sprintf("confluent.via is %q. Set confluent.via = %q, or remove custom_resources.", via, viaCustomResources))
	}
	class := m.Confluent.CustomResources.RESTClass
	if class == nil {
		return diags
	}
	at = at.AtName("rest_class")
	a := class.Authentication
	switch {
	case class.Endpoint == nil && (a != nil || class.TLSSecret != nil):
		diags.AddAttributeError(at, "The CMFRestClass is somebody else's",
			"Without endpoint, rest_class refers to a CMFRestClass that is there, and that says itself how the server is reached. Set endpoint, or remove authentication and tls_secret.")
	case a == nil:
	case ptr.Deref(a.Type, "") == "oauth" && a.TokenURL == nil:
		diags.AddAttributeError(at.AtName("authentication").AtName("token_url"), "OAuth has no token endpoint", "Set token_url.")
	case ptr.Deref(a.Type, "") != "oauth" && (a.TokenURL != nil || a.Scope != nil || a.Audience != nil):
		diags.AddAttributeError(at.AtName("authentication"), "Only OAuth has token_url, scope and audience", "Remove them, or set type = \"oauth\".")
	case ptr.Deref(a.Type, "") != "mtls" && a.Secret == nil:
		diags.AddAttributeError(at.AtName("authentication").AtName("secret"), "The credentials are not named", "Set secret to the name of the Kubernetes Secret that has them.")
	case ptr.Deref(a.Type, "") == "mtls" && class.TLSSecret == nil:
		diags.AddAttributeError(at.AtName("tls_secret"), "The certificate is not named", "With type = \"mtls\", set tls_secret to the name of the Kubernetes Secret that has the client's certificate.")
	}
	return diags
}

// takeCustomResources fills in how an environment is reached that was found so.
func (m *model) takeCustomResources(found *platform.FoundEnvironment, is *defaults.CustomResources) {
	if is == nil {
		return
	}
	if m.Confluent == nil {
		m.Confluent = &confluentModel{}
	}
	m.Confluent.Via = new(viaCustomResources)
	of := &customResourcesModel{}
	if is.Namespace != found.Namespace {
		of.Namespace = &is.Namespace
	}
	if is.Class != "" || found.RESTClass != nil {
		of.RESTClass = &restClassModel{Name: nonEmpty(is.Class), Namespace: nonEmpty(is.ClassNamespace)}
	}
	if class := found.RESTClass; class != nil {
		of.RESTClass.Endpoint, of.RESTClass.TLSSecret = &class.Endpoint, nonEmpty(class.TLSSecret)
		if class.Authentication != "" {
			of.RESTClass.Authentication = &authenticationModel{
				Type: &class.Authentication, Secret: nonEmpty(class.Secret), TokenURL: nonEmpty(class.TokenURL), Scope: nonEmpty(class.Scope), Audience: nonEmpty(class.Audience),
			}
		}
	}
	if *of != (customResourcesModel{}) {
		m.Confluent.CustomResources = of
	} else {
		m.Confluent.CustomResources = nil
	}
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func viaAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How everything in the environment is managed: `rest` (default), by the API of Confluent Manager, or `custom_resources`, by custom resources of Confluent for Kubernetes, which hands them on to Confluent Manager. " +
			"From `rest` to `custom_resources` the environment and what is in it move without touching a job. There is no way back, and a plan says so.",
		Validators: []validator.String{stringvalidator.OneOf(viaREST, viaCustomResources)},
	}
}

func customResourcesAttribute() schema.Attribute {
	given := []validator.String{stringvalidator.LengthAtLeast(1)}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Where the custom resources are, with `via = \"custom_resources\"`.",
		Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes namespace that has the custom resources, in the cluster of the provider block's `kubernetes`. Default: the environment's namespace. It cannot be changed.",
				Validators:          []validator.String{tfkit.NamespaceValidator()},
			},
			"rest_class": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "The CMFRestClass by which Confluent for Kubernetes reaches Confluent Manager. With `endpoint` the environment makes it, and deletes it with itself; without, it is there already. " +
					"Default: the one that the controller takes by itself, which is named `default`.",
				Attributes: map[string]schema.Attribute{
					"name":      schema.StringAttribute{Optional: true, MarkdownDescription: "Its name. Default: `default`.", Validators: given},
					"namespace": schema.StringAttribute{Optional: true, MarkdownDescription: "Its namespace. Default: that of the custom resources.", Validators: given},
					"endpoint": schema.StringAttribute{
						Optional: true, MarkdownDescription: "The URL of Confluent Manager as Confluent for Kubernetes reaches it, for example `https://cmf-service.confluent.svc`.",
						Validators: []validator.String{stringvalidator.RegexMatches(httpURL, "It is a URL that begins with http:// or https://.")},
					},
					"authentication": schema.SingleNestedAttribute{
						Optional:            true,
						MarkdownDescription: "How Confluent for Kubernetes authenticates itself. Credentials are in a Kubernetes Secret, which is named here and made elsewhere.",
						Attributes: map[string]schema.Attribute{
							"type": schema.StringAttribute{
								Required: true, MarkdownDescription: "`basic`, `bearer`, `mtls` or `oauth`.",
								Validators: []validator.String{stringvalidator.OneOf("basic", "bearer", "mtls", "oauth")},
							},
							"secret": schema.StringAttribute{
								Optional: true, MarkdownDescription: "The name of the Kubernetes Secret with the credentials, at most 30 characters, in the namespace of the CMFRestClass. Of `mtls` it is `tls_secret`.",
								Validators: []validator.String{stringvalidator.LengthBetween(1, 30)},
							},
							"token_url": schema.StringAttribute{Optional: true, MarkdownDescription: "Of `oauth`: the token endpoint.", Validators: given},
							"scope":     schema.StringAttribute{Optional: true, MarkdownDescription: "Of `oauth`: the scope to ask for.", Validators: given},
							"audience":  schema.StringAttribute{Optional: true, MarkdownDescription: "Of `oauth`: the audience to ask for.", Validators: given},
						},
					},
					"tls_secret": schema.StringAttribute{
						Optional: true, MarkdownDescription: "The name of the Kubernetes Secret with certificates.", Validators: []validator.String{stringvalidator.LengthBetween(1, 63)},
					},
				},
			},
		},
	}
}
