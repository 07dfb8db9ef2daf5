package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

type confluentModel struct {
	Endpoint      *string     `tfsdk:"endpoint"`
	Token         *string     `tfsdk:"token"`
	Basic         *basicModel `tfsdk:"basic"`
	OAuth         *oauthModel `tfsdk:"oauth"`
	MTLS          *mtlsModel  `tfsdk:"mtls"`
	CACertificate *string     `tfsdk:"ca_certificate"`
	ProxyURL      *string     `tfsdk:"proxy_url"`
}

type basicModel struct {
	Username *string `tfsdk:"username"`
	Password *string `tfsdk:"password"`
}

type oauthModel struct {
	TokenURL     *string  `tfsdk:"token_url"`
	ClientID     *string  `tfsdk:"client_id"`
	ClientSecret *string  `tfsdk:"client_secret"`
	Scopes       []string `tfsdk:"scopes"`
	Audience     *string  `tfsdk:"audience"`
}

type mtlsModel struct {
	ClientCertificate *string `tfsdk:"client_certificate"`
	ClientKey         *string `tfsdk:"client_key"`
}

// config returns the connection that the attribute confluent describes. What is
// left out is looked for in the environment when the connection is made.
func (m *confluentModel) config() rest.Config {
	if m == nil {
		return rest.Config{}
	}
	config := rest.Config{
		Endpoint: ptr.Deref(m.Endpoint, ""), Token: ptr.Deref(m.Token, ""), CertificateAuthority: ptr.Deref(m.CACertificate, ""), ProxyURL: ptr.Deref(m.ProxyURL, ""),
	}
	if b := m.Basic; b != nil {
		config.Basic = &rest.Basic{Username: ptr.Deref(b.Username, ""), Password: ptr.Deref(b.Password, "")}
	}
	if o := m.OAuth; o != nil {
		config.OAuth = &rest.OAuth{
			TokenURL: ptr.Deref(o.TokenURL, ""), ClientID: ptr.Deref(o.ClientID, ""), ClientSecret: ptr.Deref(o.ClientSecret, ""), Scopes: o.Scopes, Audience: ptr.Deref(o.Audience, ""),
		}
	}
	if c := m.MTLS; c != nil {
		config.Certificate, config.Key = ptr.Deref(c.ClientCertificate, ""), ptr.Deref(c.ClientKey, "")
	}
	return config
}

func confluentAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How to reach Confluent Manager for Apache Flink. What is left out is taken from the environment: `CONFLUENT_CMF_URL`, `CONFLUENT_CMF_CLIENT_CERT_PATH`, `CONFLUENT_CMF_CLIENT_KEY_PATH` and " +
			"`CONFLUENT_CMF_CERTIFICATE_AUTHORITY_PATH`, as for Confluent's own CLI; and, where none of `token`, `basic` and `oauth` is set, `CONFLUENT_CMF_TOKEN`, " +
			"`CONFLUENT_CMF_OAUTH_TOKEN_URL` with `CONFLUENT_CMF_OAUTH_CLIENT_ID` and `CONFLUENT_CMF_OAUTH_CLIENT_SECRET`, or `CONFLUENT_CMF_USERNAME` and `CONFLUENT_CMF_PASSWORD`.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The URL of the server, without `/cmf/api/v1`, for example `https://cmf.example.com`.",
				Validators:          given,
			},
			"token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A bearer token. At most one of `token`, `basic` and `oauth`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(beside("basic"), beside("oauth"))},
			},
			"basic": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "A user with a password, for a proxy before the server that asks for one.",
				Attributes: map[string]schema.Attribute{
					"username": schema.StringAttribute{Required: true, MarkdownDescription: "The user.", Validators: given},
					"password": schema.StringAttribute{Required: true, Sensitive: true, MarkdownDescription: "The password."},
				},
			},
			"oauth": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Tokens by client credentials. They are renewed before they expire, also in the middle of an apply.",
				Validators:          []validator.Object{objectvalidator.ConflictsWith(beside("basic"))},
				Attributes: map[string]schema.Attribute{
					"token_url":     schema.StringAttribute{Required: true, MarkdownDescription: "The URL of the token endpoint.", Validators: given},
					"client_id":     schema.StringAttribute{Required: true, MarkdownDescription: "The client's id.", Validators: given},
					"client_secret": schema.StringAttribute{Required: true, Sensitive: true, MarkdownDescription: "The client's secret.", Validators: given},
					"scopes": schema.ListAttribute{
						Optional: true, ElementType: types.StringType, MarkdownDescription: "The scopes to ask for.",
						Validators: []validator.List{listvalidator.NoNullValues()},
					},
					"audience": schema.StringAttribute{Optional: true, MarkdownDescription: "The audience to ask for, where the token server wants one.", Validators: given},
				},
			},
			"mtls": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "A client certificate, alone or beside one of the others.",
				Attributes: map[string]schema.Attribute{
					"client_certificate": schema.StringAttribute{Required: true, MarkdownDescription: "The client certificate, as PEM text.", Validators: given},
					"client_key":         schema.StringAttribute{Required: true, Sensitive: true, MarkdownDescription: "Its key, as PEM text.", Validators: given},
				},
			},
			"ca_certificate": authorityAttribute(),
			"proxy_url":      proxyAttribute(),
		},
	}
}
