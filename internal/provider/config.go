package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is the provider block.
type model struct {
	Kubernetes     *kubernetesModel `tfsdk:"kubernetes"`
	Confluent      *confluentModel  `tfsdk:"confluent"`
	Ververica      *ververicaModel  `tfsdk:"ververica"`
	ForceConflicts *bool            `tfsdk:"force_conflicts"`
	ValidateOnline *string          `tfsdk:"validate_online"`
}

// Values of the attribute validate_online.
const (
	validateAuto  = "auto"
	validateNever = "never"
)

type kubernetesModel struct {
	ConfigPath           *string           `tfsdk:"config_path"`
	ConfigPaths          []string          `tfsdk:"config_paths"`
	Context              *string           `tfsdk:"context"`
	Host                 *string           `tfsdk:"host"`
	Token                *string           `tfsdk:"token"`
	ClientCertificate    *string           `tfsdk:"client_certificate"`
	ClientKey            *string           `tfsdk:"client_key"`
	ClusterCACertificate *string           `tfsdk:"cluster_ca_certificate"`
	Insecure             *bool             `tfsdk:"insecure"`
	TLSServerName        *string           `tfsdk:"tls_server_name"`
	ProxyURL             *string           `tfsdk:"proxy_url"`
	Exec                 *execModel        `tfsdk:"exec"`
	Impersonate          *impersonateModel `tfsdk:"impersonate"`
}

type execModel struct {
	APIVersion string            `tfsdk:"api_version"`
	Command    string            `tfsdk:"command"`
	Args       []string          `tfsdk:"args"`
	Env        map[string]string `tfsdk:"env"`
}

type impersonateModel struct {
	User   string              `tfsdk:"user"`
	UID    *string             `tfsdk:"uid"`
	Groups []string            `tfsdk:"groups"`
	Extra  map[string][]string `tfsdk:"extra"`
}

// configure returns what a provider block hands on to the resources, and what it
// connects with, beside other platforms. Attributes that are not known yet are named
// in that instead of being guessed.
func configure(ctx context.Context, config tfsdk.Config, version string, others ...Offer) (*tfkit.ProviderData, *connections, diag.Diagnostics) {
	to := &connections{Unknown: unknownAttributes(config.Raw)}
	data := &tfkit.ProviderData{Platforms: map[string]platform.Connect{}, SQL: to.sql(), Secrets: to.secrets(), CustomResources: to.customResources(), Topics: to.topics, Schemas: to.schemas}
	for _, offer := range with(to.offers(), others...) {
		data.Platforms[offer.Rules.Name()] = offer.Connect
	}
	var block model
	_, diags := tfkit.DecodeValue(ctx, config.Raw, nil, &block)
	to.Confluent, to.Ververica = block.Confluent.config(), block.Ververica.config()
	to.Confluent.Agent = "terraform-provider-flink/" + version
	to.Ververica.Agent = to.Confluent.Agent
	if len(to.unknown(blockKubernetes)) > 0 {
		return data, to, nil
	}
	to.ForceConflicts = ptr.Deref(block.ForceConflicts, false)
	data.NeverOnline = ptr.Deref(block.ValidateOnline, "") == validateNever
	to.Kubernetes = block.Kubernetes.config()
	to.Kubernetes.Version = version
	return data, to, diags
}

// config returns the connection that the attribute kubernetes describes.
func (m *kubernetesModel) config() kube.Config {
	if m == nil {
		return kube.Config{}
	}
	config := kube.Config{
		ConfigPath:           ptr.Deref(m.ConfigPath, ""),
		ConfigPaths:          m.ConfigPaths,
		Context:              ptr.Deref(m.Context, ""),
		Host:                 ptr.Deref(m.Host, ""),
		Token:                ptr.Deref(m.Token, ""),
		ClientCertificate:    ptr.Deref(m.ClientCertificate, ""),
		ClientKey:            ptr.Deref(m.ClientKey, ""),
		ClusterCACertificate: ptr.Deref(m.ClusterCACertificate, ""),
		Insecure:             ptr.Deref(m.Insecure, false),
		TLSServerName:        ptr.Deref(m.TLSServerName, ""),
		ProxyURL:             ptr.Deref(m.ProxyURL, ""),
	}
	if e := m.Exec; e != nil {
		config.Exec = &kube.Exec{APIVersion: e.APIVersion, Command: e.Command, Args: e.Args, Env: e.Env}
	}
	if i := m.Impersonate; i != nil {
		config.Impersonate = &kube.Impersonate{User: i.User, UID: ptr.Deref(i.UID, ""), Groups: i.Groups, Extra: i.Extra}
	}
	return config
}

// unknownAttributes returns the attributes of a block, as dotted names, whose
// values are not known, sorted.
func unknownAttributes(raw tftypes.Value) []string {
	var names []string
	walk(raw, "", &names)
	slices.Sort(names)
	return names
}

func walk(value tftypes.Value, name string, names *[]string) {
	if value.IsFullyKnown() {
		return
	}
	values := map[string]tftypes.Value{}
	if !value.IsKnown() || !value.Type().Is(tftypes.Object{}) || value.As(&values) != nil {
		*names = append(*names, name)
		return
	}
	for attribute, inner := range values {
		if name != "" {
			attribute = name + "." + attribute
		}
		walk(inner, attribute, names)
	}
}
