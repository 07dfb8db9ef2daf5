package flink

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// scopeKind is the part of a specification that a value belongs to, which decides
// how it is read.
type scopeKind int

const (
	scopeSpec scopeKind = iota
	scopeConfiguration
	// scopeSize is an object jobManager.resource or taskManager.resource.
	scopeSize
	// scopeRequirements is an object jobManager.resources or taskManager.resources,
	// scopeAmounts its requests and limits. The operator compares all of these as
	// Kubernetes quantities, memory too (ReflectiveDiffBuilder of operator 1.16.1, by
	// Quantity.equals of fabric8).
	scopeRequirements
	scopeAmounts
	scopeMemory
	scopeQuantity
	// scopeTemplate is the top of a pod template, scopePod anything in it, and
	// scopePodAmounts a map of Kubernetes quantities in it.
	scopeTemplate
	scopePod
	scopePodAmounts
)

// scope is where a value stands: its part of the specification and whether its
// keys are the user's own.
type scope struct {
	kind scopeKind
	// userKeys tells that an empty object means the same as none.
	userKeys bool
	// absent has what the operator reads where a key of the object is absent.
	absent map[string]any
}

// absentFields are the defaults of the operator's classes for the objects of a
// specification (JobSpec, JobManagerSpec). The operator compares what it has
// read, so writing a default out is no change to it.
var absentFields = map[string]map[string]any{
	"job":        {"state": JobRunning, "upgradeMode": UpgradeStateless},
	"jobManager": {"replicas": int64(1)},
}

var (
	specScope = scope{kind: scopeSpec}
	podScope  = scope{kind: scopeTemplate}
)

// podMaps are the fields of a pod whose keys are the user's own.
var podMaps = map[string]bool{
	"labels": true, "annotations": true, "nodeSelector": true, "matchLabels": true,
}

// podQuantityMaps and podQuantities are the fields of a pod that hold Kubernetes
// quantities.
var (
	podQuantityMaps = map[string]bool{"requests": true, "limits": true, "overhead": true}
	podQuantities   = map[string]bool{"sizeLimit": true, "divisor": true}
)

// step returns the scope of the value under a key.
func (s scope) step(key string) scope {
	switch s.kind {
	case scopeSpec:
		switch key {
		case "flinkConfiguration":
			return scope{kind: scopeConfiguration}
		case "podTemplate":
			return podScope
		case "resource":
			return scope{kind: scopeSize}
		case "resources":
			return scope{kind: scopeRequirements}
		}
		return scope{kind: scopeSpec, userKeys: mapFields[key], absent: absentFields[key]}
	case scopeSize:
		switch key {
		case "memory":
			return scope{kind: scopeMemory}
		case "ephemeralStorage":
			return scope{kind: scopeQuantity}
		}
	case scopeRequirements:
		return scope{kind: scopeAmounts, userKeys: true}
	case scopeAmounts:
		return scope{kind: scopeQuantity}
	case scopeTemplate, scopePod:
		switch {
		case podQuantityMaps[key]:
			return scope{kind: scopePodAmounts, userKeys: true}
		case podQuantities[key]:
			return scope{kind: scopeQuantity}
		}
		return scope{kind: scopePod, userKeys: podMaps[key]}
	case scopePodAmounts:
		return scope{kind: scopeQuantity}
	case scopeConfiguration, scopeMemory, scopeQuantity:
		// These are leaves to the comparison.
	}
	return scope{kind: s.kind}
}

// counterpart returns the value of key in other. At the top of a pod template an
// absent apiVersion or kind takes the value of the one that is present: they say
// only what everybody knows. Elsewhere an object that is there takes the
// operator's default.
func (s scope) counterpart(key string, present, other map[string]any) any {
	value := other[key]
	switch {
	case value != nil:
	case s.kind == scopeTemplate && (key == "apiVersion" || key == "kind"):
		return present[key]
	case other != nil:
		if absent, ok := s.absent[key]; ok {
			return absent
		}
	}
	return value
}

// meaning returns nil for a value that means as little as an absent one: an empty
// list, and an empty object whose keys are the user's own.
func (s scope) meaning(value any) any {
	switch value := value.(type) {
	case Document:
		return s.meaning(map[string]any(value))
	case []any:
		if len(value) == 0 {
			return nil
		}
	case map[string]any:
		if value == nil || len(value) == 0 && s.userKeys {
			return nil
		}
	}
	return value
}

// sameScalar compares two scalars by what is read from them where they stand.
func (s scope) sameScalar(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if s.kind == scopeMemory {
		return SameMemory(scalarText(a), scalarText(b))
	}
	if s.kind == scopeQuantity {
		return SameQuantity(scalarText(a), scalarText(b))
	}
	switch first := a.(type) {
	case string:
		second, ok := b.(string)
		return ok && first == second
	case bool:
		second, ok := b.(bool)
		return ok && first == second
	case map[string]any, []any:
		return false
	}
	return sameNumber(a, b)
}

// sameNumber compares numbers of any Go type exactly: 1 and 1.0 are equal, two
// large integers that only a float would confuse are not.
func sameNumber(a, b any) bool {
	first, ok := numberText(a)
	if !ok {
		return false
	}
	second, ok := numberText(b)
	if !ok || first == second {
		return ok
	}
	// Exponents that would take much memory to write out are compared as text.
	if len(first) > longestQuantity || len(second) > longestQuantity {
		return false
	}
	x, okX := new(big.Float).SetPrec(256).SetString(first)
	y, okY := new(big.Float).SetPrec(256).SetString(second)
	return okX && okY && x.Cmp(y) == 0
}

func numberText(value any) (string, bool) {
	switch value := value.(type) {
	case json.Number:
		return value.String(), true
	case int, int32, int64, uint32, uint64, float32, float64:
		return fmt.Sprint(value), true
	}
	return "", false
}

// sameValue compares two values of any shape.
func sameValue(in scope, a, b any) bool {
	var d differ
	d.values(in, nil, a, b)
	return len(d.changes) == 0
}
