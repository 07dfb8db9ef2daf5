package tfkit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Findings returns the findings about a specification as diagnostics at the
// attributes that set the values.
func Findings(findings []flink.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		at := PathOf(f.Path)
		if f.Severity == flink.Error {
			diags.AddAttributeError(at, f.Summary, f.Detail)
		} else {
			diags.AddAttributeWarning(at, f.Summary, f.Detail)
		}
	}
	return diags
}

// Sentence returns the text of an error as a sentence: with a capital letter
// and a full stop.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return text
	}
	if first, size := utf8.DecodeRuneInString(text); unicode.IsLower(first) {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		text += "."
	}
	return text
}
