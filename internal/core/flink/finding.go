package flink

import "slices"

// Severity tells whether a finding stops the plan.
type Severity int

const (
	// Error marks what the operator or Flink refuses for certain.
	Error Severity = iota
	// Warning marks what they refuse unless the operator's own configuration,
	// which a plan does not see, supplies what is missing; and what they accept
	// though it hardly is meant.
	Warning
)

// Finding is what a rule says of a specification.
type Finding struct {
	// Path leads to the value at fault, or to where the missing value belongs.
	Path     Path
	Severity Severity
	// Summary is one short sentence, Detail says what to do.
	Summary, Detail string
}

// HasErrors tells whether an error is among findings.
func HasErrors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}
