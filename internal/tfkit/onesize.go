package tfkit

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// oneSize refuses a component whose size is given in both forms. It looks at the
// component's own value: the library's validator for attributes that conflict
// walks the whole configuration for each path, which was a third of what it costs
// to validate a deployment.
type oneSize struct{}

// Description says what is accepted.
func (oneSize) Description(context.Context) string { return "resource or resources, not both" }

// MarkdownDescription is the same.
func (v oneSize) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject implements validator.Object. A form that is not known yet may
// turn out to be null.
func (oneSize) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	forms := req.ConfigValue.Attributes()
	for _, name := range []string{"resource", "resources"} {
		if form, ok := forms[name]; !ok || form.IsNull() || form.IsUnknown() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path.AtName("resource"), "The size is given in two forms",
		fmt.Sprintf("%s has both resource and resources. Keep one of them.", req.Path))
}
