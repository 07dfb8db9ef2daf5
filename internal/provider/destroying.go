package provider

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/shirou/gopsutil/v4/process"
)

// destroying tells whether the CLI that started this process was told to destroy.
//
// A CLI that destroys first plans the configuration as any plan does, only to
// refresh the state: what it plans there is never applied, and it shows no warning
// of it. But an error ends the destroy, for example that of a change which would
// lose the state of a job, or of another resource than the one to destroy. Nothing
// in the protocol tells that plan from others; the command line of the CLI does.
// Where it cannot be read, `terraform destroy -refresh=false` leaves that plan out.
var destroying = sync.OnceValue(func() bool {
	parent, err := process.NewProcess(int32(os.Getppid()))
	if err != nil {
		return false
	}
	arguments, err := parent.CmdlineSlice()
	return err == nil && destroys(arguments)
})

// destroys tells whether a command line of Terraform or OpenTofu is that of
// a destroy or of the plan for one: no run of it creates or updates.
func destroys(arguments []string) bool {
	command := slices.IndexFunc(arguments[min(1, len(arguments)):], func(argument string) bool { return !strings.HasPrefix(argument, "-") }) + 1
	if command == 0 {
		return false
	}
	switch arguments[command] {
	case "destroy":
		return true
	case "apply", "plan":
		return slices.ContainsFunc(arguments[command+1:], func(argument string) bool {
			return slices.Contains([]string{"-destroy", "--destroy", "-destroy=true", "--destroy=true"}, argument)
		})
	default:
		return false
	}
}

// failed tells whether there is an error.
func failed(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// withoutErrors makes warnings of errors.
func withoutErrors(diagnostics []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	for _, d := range diagnostics {
		d.Severity = tfprotov6.DiagnosticSeverityWarning
	}
	return diagnostics
}

// planForRefresh is the plan of a resource that cannot be planned, in a run that
// plans it only to refresh the state: it is what the CLI proposes.
func (s *server) planForRefresh(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest, diagnostics []*tfprotov6.Diagnostic) (*tfprotov6.PlanResourceChangeResponse, error) {
	schemas, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	planned, err := proposed(schemas.ResourceSchemas[req.TypeName], req)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: planned, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity, Diagnostics: withoutErrors(diagnostics),
	}, nil
}

// proposed is what a CLI proposes for a resource, without what is only written,
// and with what a create computes unknown.
func proposed(schema *tfprotov6.Schema, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.DynamicValue, error) {
	of := schema.ValueType()
	value, err := req.ProposedNewState.Unmarshal(of)
	if err != nil {
		return nil, err
	}
	values := map[string]tftypes.Value{}
	if err := value.As(&values); err != nil {
		return nil, err
	}
	for _, attribute := range schema.Block.Attributes {
		switch {
		case attribute.WriteOnly:
			values[attribute.Name] = tftypes.NewValue(attribute.ValueType(), nil)
		case attribute.Computed && isNull(req.PriorState) && values[attribute.Name].IsNull():
			values[attribute.Name] = tftypes.NewValue(attribute.ValueType(), tftypes.UnknownValue)
		}
	}
	planned, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, values))
	return &planned, err
}
