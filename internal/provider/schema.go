package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// providerSchema is the provider block.
func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages Apache Flink jobs, with plans that say what a change does to the running job.\n\n" +
			"Everything is optional, and nothing is contacted before the first resource needs it. A plan needs no cluster.",
		Attributes: map[string]schema.Attribute{
			"kubernetes": kubernetesAttribute(),
			"confluent":  confluentAttribute(),
			"ververica":  ververicaAttribute(),
			"force_conflicts": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Take fields over that another field manager (kubectl, an operator, another tool) owns with another value. " +
					"Default `false`: such a conflict is an error that names the field and its owner.",
			},
			"validate_online": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Whether a plan asks the cluster what the operator would refuse. `auto` (default): where the operator's webhook is installed, it is asked about everything that is created or changed, and its refusal is an error of the plan. " +
					"It is never required: without a cluster, without the webhook or without the right to write, a plan checks what it can by itself. `never`: no cluster is asked.",
				Validators: []validator.String{stringvalidator.OneOf(validateAuto, validateNever)},
			},
		},
	}
}

func kubernetesAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How to reach the Kubernetes cluster. Without it, or without `config_path`, `config_paths` and `host` in it, the rules of kubectl apply: " +
			"the files of `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod that Terraform runs in. The other attributes win over what the kubeconfig says.",
		Attributes: map[string]schema.Attribute{
			"config_path": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The kubeconfig file.",
				Validators:          []validator.String{stringvalidator.ConflictsWith(beside("config_paths"))},
			},
			"config_paths": schema.ListAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Several kubeconfig files, merged as kubectl merges those of `KUBECONFIG`. Not together with `config_path`.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues()},
			},
			"context": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The context of the kubeconfig. Default: its current context.",
			},
			"host": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The URL of the API server, for example `https://10.0.0.1:6443`. Without `config_path` or `config_paths`, no kubeconfig is read then.",
			},
			"token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A bearer token.",
				Validators:          []validator.String{stringvalidator.ConflictsWith(beside("exec"), beside("client_certificate"))},
			},
			"client_certificate": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The client certificate, as PEM text. Together with `client_key`.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(beside("client_key")), stringvalidator.ConflictsWith(beside("exec"))},
			},
			"client_key": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The key of the client certificate, as PEM text.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(beside("client_certificate"))},
			},
			"cluster_ca_certificate": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The certificate authorities of the API server, as PEM text.",
			},
			"insecure": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Do not verify the certificate of the API server. Only for tests.",
				Validators:          []validator.Bool{boolvalidator.ConflictsWith(beside("cluster_ca_certificate"))},
			},
			"tls_server_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The name in the API server's certificate, when it is not that of `host`.",
			},
			"proxy_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The URL of a proxy, `http://`, `https://` or `socks5://`. Default: `HTTPS_PROXY` and `NO_PROXY` of the environment.",
			},
			"exec": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "A program that prints credentials, such as `aws eks get-token` (a client-go credential plugin).",
				Attributes: map[string]schema.Attribute{
					"api_version": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "The version of the protocol: `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`.",
						Validators:          []validator.String{stringvalidator.OneOf("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")},
					},
					"command": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "The program.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"args": schema.ListAttribute{
						Optional:            true,
						ElementType:         types.StringType,
						MarkdownDescription: "Its arguments.",
						Validators:          []validator.List{listvalidator.NoNullValues()},
					},
					"env": schema.MapAttribute{
						Optional:            true,
						Sensitive:           true,
						ElementType:         types.StringType,
						MarkdownDescription: "Environment variables for it, beside those of Terraform.",
						Validators:          []validator.Map{mapvalidator.NoNullValues()},
					},
				},
			},
			"impersonate": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Act as another user, as `kubectl --as` does.",
				Attributes: map[string]schema.Attribute{
					"user": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "The user, for example `system:serviceaccount:flink:deployer`.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"uid": schema.StringAttribute{Optional: true, MarkdownDescription: "The user's uid."},
					"groups": schema.ListAttribute{
						Optional:            true,
						ElementType:         types.StringType,
						MarkdownDescription: "The user's groups.",
						Validators:          []validator.List{listvalidator.NoNullValues()},
					},
					"extra": schema.MapAttribute{
						Optional:            true,
						ElementType:         types.ListType{ElemType: types.StringType},
						MarkdownDescription: "Extra fields of the user, each a list of values.",
						Validators:          []validator.Map{mapvalidator.NoNullValues()},
					},
				},
			},
		},
	}
}

// beside is an attribute of the same object.
func beside(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
