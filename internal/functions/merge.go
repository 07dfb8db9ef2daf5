package functions

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// NewMerge is the function merge.
func NewMerge() function.Function { return mergeFunction{} }

type mergeFunction struct{}

// Metadata names the function.
func (mergeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "merge"
}

// Definition describes the function.
func (mergeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Two documents merged",
		MarkdownDescription: "Merges the document `patch` over the document `base`, at any depth: objects key by key, where `null` removes the key; of anything else, lists too, the patch wins.\n\n" +
			"A list of the patch with an element `{ \"$patch\" = \"merge\", mergeKey = \"K\" }` is merged instead: an element goes over the one of the base that has an equal value under `K`, and the others come behind. " +
			"An element without `K` is kept in the base and appended from the patch; without `mergeKey`, all are appended. The directive never reaches the result.\n\n" +
			"Each document is an object, or YAML or JSON text that holds one. The result is of the base's kind: YAML text for a text, an object for an object. " +
			"The merge knows no Kubernetes: the attributes `pod_template` merge lists such as `containers` by themselves, this function does not.\n\n" +
			"A text that cannot be read is an error that names the line, and a directive that cannot be followed one that names its place.",
		Parameters: []function.Parameter{
			function.DynamicParameter{Name: "base", MarkdownDescription: "The document below: an object, a map or a text. For an empty one of a kind, give `{}` or `\"{}\"`."},
			function.DynamicParameter{Name: "patch", MarkdownDescription: "The document above, of either kind."},
		},
		Return: function.DynamicReturn{},
	}
}

// document is an argument of merge.
type document struct {
	object map[string]any
	// text tells that the argument is a text.
	text bool
}

// Run merges.
func (mergeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var base, patch types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &base, &patch); resp.Error != nil {
		return
	}
	result, fault := mergeDocuments(ctx, base, patch)
	if fault != nil {
		resp.Error = fault
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

func mergeDocuments(ctx context.Context, base, patch types.Dynamic) (types.Dynamic, *function.FuncError) {
	unset := types.DynamicNull()
	below, err := readDocument(ctx, base)
	if errors.Is(err, errUnknown) {
		return types.DynamicUnknown(), nil
	}
	if err != nil {
		return unset, faultAt(0, err.Error())
	}
	over, err := readDocument(ctx, patch)
	if errors.Is(err, errUnknown) {
		return types.DynamicUnknown(), nil
	}
	if err != nil {
		return unset, faultAt(1, err.Error())
	}
	merged, err := defaults.Merge(below.object, over.object)
	if err != nil {
		return unset, directiveFault(err)
	}
	result, err := writeDocument(ctx, merged, below.text)
	if err != nil {
		return unset, faultOf(err.Error())
	}
	return types.DynamicValue(result), nil
}

func directiveFault(err error) *function.FuncError {
	var directive *defaults.DirectiveError
	if !errors.As(err, &directive) {
		return faultOf(err.Error())
	}
	position := int64(1)
	if directive.Base {
		position = 0
	}
	return faultAt(position, "at "+directive.Err.Error())
}

// readDocument reads an argument. It is errUnknown when a part of it is unknown.
func readDocument(ctx context.Context, argument types.Dynamic) (document, error) {
	value, err := decode(ctx, argument)
	if err != nil {
		return document{}, err
	}
	if !knownThroughout(value) {
		return document{}, errUnknown
	}
	switch value := value.(type) {
	case string:
		parsed, err := flink.ParseDocument(value)
		return document{object: parsed, text: true}, err
	case map[string]any:
		return document{object: value}, nil
	default:
		return document{}, errors.New("a document is an object, or a YAML or JSON text that holds one")
	}
}

func writeDocument(ctx context.Context, merged any, asText bool) (attr.Value, error) {
	object, _ := merged.(map[string]any)
	if !asText {
		return encode(ctx, object)
	}
	text, err := flink.FormatDocument(object)
	if err != nil {
		return nil, err
	}
	return types.StringValue(text), nil
}
