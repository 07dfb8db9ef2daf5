package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// given are the validators of a text that says something.
var given = []validator.String{stringvalidator.LengthAtLeast(1)}

// authorityAttribute and proxyAttribute are those of every server that is reached over REST.
func authorityAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Certificate authorities, as PEM text, that are trusted beside those of the machine.",
		Validators:          given,
	}
}

func proxyAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "The URL of a proxy, `http://`, `https://` or `socks5://`. Default: `HTTPS_PROXY` and `NO_PROXY` of the environment.",
		Validators:          given,
	}
}
