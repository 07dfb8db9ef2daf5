package functions

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// faultOf is an error of a call that is about no single argument. The CLI puts
// the text into a sentence of its own, and adds the full stop.
func faultOf(text string) *function.FuncError { return function.NewFuncError(clause(text)) }

// faultAt is an error about the argument at a position.
func faultAt(position int64, text string) *function.FuncError {
	return function.NewArgumentFuncError(position, clause(text))
}

func clause(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }
