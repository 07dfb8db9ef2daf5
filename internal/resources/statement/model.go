package statement

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	Statement          *string           `tfsdk:"statement"`
	ComputePool        *string           `tfsdk:"compute_pool"`
	Properties         map[string]string `tfsdk:"properties"`
	FlinkConfiguration map[string]string `tfsdk:"flink_configuration"`
	Parallelism        *int64            `tfsdk:"parallelism"`
	Stopped            *bool             `tfsdk:"stopped"`
	Status             *status           `tfsdk:"status"`
}

// status is what the platform says of the statement.
type status struct {
	Phase   *string `tfsdk:"phase"`
	Detail  *string `tfsdk:"detail"`
	SQLKind *string `tfsdk:"sql_kind"`
}

// Want implements object.Data.
func (m *model) Want() (platform.Statement, diag.Diagnostics) {
	return platform.Statement{
		Described: m.Described(), SQL: ptr.Deref(m.Statement, ""), Pool: ptr.Deref(m.ComputePool, ""),
		Properties: m.Properties, Configuration: m.FlinkConfiguration, Parallelism: ptr.Deref(m.Parallelism, 0), Stopped: ptr.Deref(m.Stopped, false),
	}, nil
}

// Take implements object.Data. The server writes the text in its own way, and
// completes properties and configuration: what is said stays as it is said.
func (m *model) Take(observed platform.Statement) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	if m.Statement == nil || words(*m.Statement) != words(observed.SQL) {
		m.Statement = &observed.SQL
	}
	m.ComputePool = &observed.Pool
	m.Properties = said(m.Properties, observed.Properties)
	m.FlinkConfiguration = said(m.FlinkConfiguration, observed.Configuration)
	// The defaults of the server are no change.
	if observed.Parallelism != 0 && (m.Parallelism != nil || observed.Parallelism != 1) {
		m.Parallelism = &observed.Parallelism
	}
	if m.Stopped != nil || observed.Stopped {
		m.Stopped = &observed.Stopped
	}
	m.Status = &status{Phase: text(observed.Phase), Detail: text(observed.Detail), SQLKind: text(observed.Kind)}
	return nil
}

func text(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// words are those of a statement, without how they are laid out. What is in quotes
// stays as it is, and so does a text with comments that a line break ends.
func words(statement string) string {
	statement = strings.TrimRight(strings.TrimSpace(statement), "; \t\r\n")
	if strings.Contains(statement, "--") {
		return statement
	}
	var out strings.Builder
	var quote rune
	blank := false
	for _, r := range statement {
		if quote == 0 && unicode.IsSpace(r) {
			blank = true
			continue
		}
		if blank {
			out.WriteByte(' ')
			blank = false
		}
		switch {
		case quote == r:
			quote = 0
		case quote == 0 && strings.ContainsRune("'\"`", r):
			quote = r
		}
		out.WriteRune(r)
	}
	return out.String()
}

// said returns what is known as long as the server has it, with other values of
// its own beside.
func said(known, observed map[string]string) map[string]string {
	if known == nil {
		return nil
	}
	for key, value := range known {
		if is, has := observed[key]; !has || is != value {
			return observed
		}
	}
	return known
}

// Replaced says what becomes of a statement whose text, pool or settings change: the
// server changes none of them in place.
func (m *model) Replaced() diag.Diagnostics {
	if m.Status == nil || ptr.Deref(m.Status.Phase, "") == "COMPLETED" {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("The statement \""+ptr.Deref(m.Name, "")+"\" starts anew",
		"It is deleted and created again, and the state of its job and the offsets that it has come to go with it: the new one begins where scan.startup.mode of its tables says, which may read records twice or leave some out. "+
			"To go on from an offset, say so in the statement, for example /*+ OPTIONS('scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '…') */.")}
}

// Trouble says what a refresh has to say of a statement that does not do what it
// shall.
func (m *model) Trouble() diag.Diagnostics {
	if m.Status == nil || ptr.Deref(m.Status.Phase, "") != "FAILED" {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("The statement \""+ptr.Deref(m.Name, "")+"\" has failed",
		"The server says: "+ptr.Deref(m.Status.Detail, "nothing more")+"\n\nA statement that has failed cannot be resumed. Correct the cause, and create it again: `terraform apply -replace=<address>`.")}
}

// ValidateConfig warns of secrets in clear.
func (r *statementResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config struct {
		Properties         map[string]string `tfsdk:"properties"`
		FlinkConfiguration map[string]string `tfsdk:"flink_configuration"`
	}
	_, diags := tfkit.DecodeValue(ctx, req.Config.Raw, nil, &config)
	resp.Diagnostics.Append(diags...)
	for name, values := range map[string]map[string]string{"properties": config.Properties, "flink_configuration": config.FlinkConfiguration} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if flink.SensitiveKey(key) {
				resp.Diagnostics.AddAttributeWarning(path.Root(name).AtMapKey(key), "A secret is in the statement",
					"The value of "+key+" is in clear in the state and on the server. Options of a connection belong into a flink_secret.")
			}
		}
	}
}
