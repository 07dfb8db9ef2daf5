package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// NewMemory is the function memory.
func NewMemory() function.Function { return memoryFunction{} }

type memoryFunction struct{}

// Metadata names the function.
func (memoryFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "memory"
}

// Definition describes the function.
func (memoryFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The bytes of a memory size",
		MarkdownDescription: "Returns the bytes of a memory size, read as the attributes `memory` are: first as Flink's own form (`2g`, `2048 mb`; units are binary, and bytes when there is none), " +
			"then as a Kubernetes quantity (`2Gi`). So `2048m` is 2048 MiB. Any other text is an error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "The memory size, for example `2g`, `2048m` or `2Gi`."},
		},
		Return: function.Int64Return{},
	}
}

// Run computes the bytes.
func (memoryFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	bytes, err := flink.ParseMemory(text)
	if err != nil {
		resp.Error = faultAt(0, tfkit.Sentence(err.Error())+" Write it as Flink does (2g, 2048m) or as Kubernetes does (2Gi).")
		return
	}
	resp.Error = resp.Result.Set(ctx, bytes)
}
