package tfkit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Attempt is what a resource tried when an error came back.
type Attempt struct {
	// Doing completes "Cannot …", for example `create the deployment "orders"`.
	Doing string
	// Import is the command that takes over what exists already, or empty.
	Import string
}

// Diagnostics translates an error of a platform: the summary
// says what was tried and why it failed, the detail what came back and what to
// do. Errors about fields of a specification point to their attributes.
func (a Attempt) Diagnostics(err error) diag.Diagnostics {
	var (
		diags     diag.Diagnostics
		rollout   *platform.RolloutError
		inUse     *platform.InUseError
		other     *platform.OtherObjectError
		absent    *platform.NotFoundError
		explained *platform.ExplainedError
		fields    *platform.FieldsError
		exists    *platform.ExistsError
		begun     *platform.BegunError
		unknown   *UnknownConfigError
	)
	switch {
	case errors.As(err, &rollout):
		diags.AddError(rollout.Summary, rollout.Detail)
	case errors.As(err, &other):
		a.add(&diags, "it is another object now", err, a.otherRemedy())
	case errors.As(err, &fields):
		a.fields(&diags, fields)
	case errors.As(err, &inUse):
		a.add(&diags, "it is still in use", err,
			"Destroy these resources first. What Terraform does not manage is deleted with the tools of the platform, such as kubectl.")
	case errors.As(err, &begun):
		remedy := "Nothing was changed. Two resources of one name would undo each other's changes: give this one another name, or remove it."
		if !begun.Here && a.Import != "" {
			remedy += " If this state shall have it in place of the other one, remove it there with a removed block (destroy = false), and import it here:\n\n  " + a.Import
		}
		a.add(&diags, "it exists already", err, remedy)
	case errors.As(err, &exists):
		a.add(&diags, "it exists already", err, a.whatExists(exists))
	case errors.As(err, &unknown):
		a.add(&diags, "the provider's configuration is not known yet", err,
			"Apply what gives the value first (terraform apply -target=…), or set it to a known value.")
	case errors.As(err, &explained):
		a.add(&diags, explained.Cause, err, explained.Remedy)
	case errors.As(err, &absent):
		a.add(&diags, "it does not exist", err, "Apply again: Terraform then creates it anew.")
	case errors.Is(err, context.DeadlineExceeded):
		a.add(&diags, "it takes too long", err, "Raise the timeout in the attribute timeouts.")
	case errors.Is(err, context.Canceled):
		a.add(&diags, "Terraform was interrupted", err, "Apply again: it finishes what is left to do.")
	default:
		a.add(&diags, "the platform answers with an error", err, "Apply again when the cause is gone.")
	}
	return diags
}

// whatExists says what to do about an object that is in the way of a create.
func (a Attempt) whatExists(exists *platform.ExistsError) string {
	switch {
	case a.Import == "":
		return "Delete it, choose another name, or import it."
	case exists.Ours:
		return "Nothing was changed. Another resource or another state has made it: give this one another name. When no state has it any more, import it:\n\n  " + a.Import
	}
	return "To manage it with Terraform, import it:\n\n  " + a.Import + "\n\nElse delete it or choose another name."
}

// Interrupted tells whether a wait ended because Terraform was told to stop, which is
// no failure of what it waits for.
func Interrupted(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled)
}

// Refused tells whether an error, of a refresh, only means that the provider's
// configuration is not known yet. The state then stays as it is.
func Refused(err error) (diag.Diagnostic, bool) {
	var unknown *UnknownConfigError
	if !errors.As(err, &unknown) {
		return nil, false
	}
	return diag.NewWarningDiagnostic("The state is not refreshed: the provider's configuration is not known yet",
		err.Error()+" The plan rests on the last known state."), true
}

func (a Attempt) add(diags *diag.Diagnostics, cause string, err error, remedy string) {
	diags.AddError("Cannot "+a.Doing+": "+cause, Sentence(err.Error())+"\n\n"+remedy)
}

// otherRemedy says what to do when another object has the name.
func (a Attempt) otherRemedy() string {
	remedy := "Nothing was written. The object of this state was deleted, and another one of the name created, by another configuration or by hand. " +
		"Plan again with a refresh: the state then forgets the object that is gone."
	if a.Import != "" {
		remedy += " To manage the one that exists, import it after that:\n\n  " + a.Import
	}
	return remedy
}

// fields reports each field at fault at its attribute.
func (a Attempt) fields(diags *diag.Diagnostics, err *platform.FieldsError) {
	for _, field := range err.Fields {
		said := field.Detail
		if field.By != "" {
			said = strings.TrimSpace(fmt.Sprintf("%s answers: %s\n\n%s", field.By, Sentence(field.Message), field.Detail))
		}
		detail := fmt.Sprintf("Tried to %s. %s", a.Doing, said)
		if len(field.Path) > 0 {
			diags.AddAttributeError(pathOf(field.Path), flink.Capital(field.Summary), detail)
		} else {
			diags.AddError("Cannot "+a.Doing+": "+field.Summary, detail)
		}
	}
}
