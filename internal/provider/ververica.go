package provider

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/ververica"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

type ververicaModel struct {
	Endpoint       *string           `tfsdk:"endpoint"`
	Token          *string           `tfsdk:"token"`
	Tokens         map[string]string `tfsdk:"tokens"`
	CACertificate  *string           `tfsdk:"ca_certificate"`
	ProxyURL       *string           `tfsdk:"proxy_url"`
	FlinkProxyPath *string           `tfsdk:"flink_proxy_path"`
}

// config returns the connection that the attribute ververica describes. What is left
// out is looked for in the environment when the connection is made.
func (m *ververicaModel) config() ververica.Config {
	if m == nil {
		return ververica.Config{}
	}
	return ververica.Config{
		Config: rest.Config{
			Endpoint: ptr.Deref(m.Endpoint, ""), Token: ptr.Deref(m.Token, ""), CertificateAuthority: ptr.Deref(m.CACertificate, ""), ProxyURL: ptr.Deref(m.ProxyURL, ""),
		},
		Tokens: m.Tokens, FlinkProxyPath: ptr.Deref(m.FlinkProxyPath, ""),
	}
}

func ververicaAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How to reach Ververica Platform, self-managed, 2.13 and newer. What is left out is taken from the environment: `VERVERICA_PLATFORM_URL`, `VERVERICA_PLATFORM_TOKEN`, " +
			"`VERVERICA_PLATFORM_TOKEN_<NAMESPACE>` for one namespace of the platform (in upper case, with `_` for every other character: `VERVERICA_PLATFORM_TOKEN_PROD_EU` for `prod-eu`), and `VERVERICA_PLATFORM_CA_FILE`, the path of a file with certificate authorities.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The URL of the platform, without `/api/v1`, for example `https://vvp.example.com`.",
				Validators:          given,
			},
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "An API token. A `flink_environment` that creates or deletes its namespace of the platform needs one of an administrator here, whatever `tokens` has. It also serves every namespace that has no other. " +
					"None is needed where access control is switched off, as it always is in the Community Edition.",
				Validators: given,
			},
			"tokens": schema.MapAttribute{
				Optional: true, Sensitive: true, ElementType: types.StringType,
				MarkdownDescription: "API tokens by namespace of the platform: `{ prod = var.prod_token }`. A token of the platform is of one namespace and one role. `editor` is enough for deployments and secrets; a `flink_environment` needs `owner`, for the deployment target and the deployment defaults.",
				Validators:          []validator.Map{mapvalidator.NoNullValues(), mapvalidator.ValueStringsAre(given...)},
			},
			"ca_certificate": authorityAttribute(),
			"proxy_url":      proxyAttribute(),
			"flink_proxy_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Where the platform hands requests on to Flink's REST API of a job. Default: `/flink-ui/v1/namespaces/{namespace}/jobs/{job}`; `{job}` is the id of the platform's job. No published API has this path. " +
					"Where it leads to nothing, everything works, and an apply waits for a time without restarts in the place of the job's first checkpoint.",
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^/.*\{job\}`), "must begin with / and have {job} in it")},
			},
		},
	}
}
