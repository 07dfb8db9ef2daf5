package functions

import (
	"context"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// NewDuration is the function duration.
func NewDuration() function.Function { return durationFunction{} }

type durationFunction struct{}

// Metadata names the function.
func (durationFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "duration"
}

// Definition describes the function.
func (durationFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The milliseconds of a duration",
		MarkdownDescription: "Returns the milliseconds of a duration, read as Flink reads it: digits and a unit (`10 min`, `5s`, `300 ms`; milliseconds when there is none), " +
			"or an ISO-8601 duration (`PT1H30M`), which Flink knows from 2.1 on. Units below a millisecond give a fraction. Any other text, and a duration beyond 292 years, is an error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "The duration, for example `10 min`."},
		},
		Return: function.NumberReturn{},
	}
}

// Run computes the milliseconds.
func (durationFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	duration, err := flink.ParseDuration(text)
	if err != nil {
		resp.Error = faultAt(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, milliseconds(duration))
}

// milliseconds returns a duration as Terraform reads the same number from a
// configuration.
func milliseconds(duration time.Duration) *big.Float {
	nanoseconds := new(big.Float).SetPrec(numberPrecision).SetInt64(duration.Nanoseconds())
	return nanoseconds.Quo(nanoseconds, big.NewFloat(float64(time.Millisecond)))
}
