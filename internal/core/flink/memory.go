package flink

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// memoryUnits are the labels of Flink's MemorySize.MemoryUnit, in bytes. They
// are binary throughout: 1 kb is 1024 bytes.
var memoryUnits = map[string]int64{
	"":          1,
	"b":         1,
	"bytes":     1,
	"k":         1 << 10,
	"kb":        1 << 10,
	"kibibytes": 1 << 10,
	"m":         1 << 20,
	"mb":        1 << 20,
	"mebibytes": 1 << 20,
	"g":         1 << 30,
	"gb":        1 << 30,
	"gibibytes": 1 << 30,
	"t":         1 << 40,
	"tb":        1 << 40,
	"tebibytes": 1 << 40,
}

// ParseMemory returns the bytes that the operator reads from the memory of a
// resource: Flink's MemorySize first ("2g", "2048 mb", no unit is bytes), then a
// Kubernetes quantity ("2Gi"). The order matters: "2048m" is 2048 MiB here, and
// 2.048 bytes to Kubernetes. The rule is ResourceConfigUtils.parseResourceMemoryString
// of the Flink Kubernetes Operator.
func ParseMemory(text string) (int64, error) {
	size, flinkErr := ParseMemorySize(text)
	if flinkErr == nil {
		return size, nil
	}
	size, err := parseMemoryQuantity(text)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a Flink memory size such as \"2g\" (%w) nor a Kubernetes quantity such as \"2Gi\" (%w)", text, flinkErr, err)
	}
	return size, nil
}

// ParseMemorySize reads what Flink's own MemorySize.parse reads, and nothing
// else: Flink's configuration knows no Kubernetes quantities.
func ParseMemorySize(text string) (int64, error) {
	number, unit := splitNumber(text)
	if number == "" {
		return 0, errors.New("it does not start with a number")
	}
	value, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, errors.New("the number does not fit into 64 bits")
	}
	multiplier, known := memoryUnits[unit]
	if !known {
		return 0, fmt.Errorf("unknown unit %q", unit)
	}
	if value > math.MaxInt64/multiplier {
		return 0, errors.New("the size does not fit into 64 bits")
	}
	return value * multiplier, nil
}

// parseMemoryQuantity follows the operator's spelling rules before it takes the
// text for a quantity: upper case, no blanks, no final B, so that "2 gib" is
// "2Gi". The operator hands the digits of the result to Flink again, which reads
// neither fractions ("1.5Gi" comes out as 1610612736.0) nor the exponents that an
// exabyte is written with.
func parseMemoryQuantity(text string) (int64, error) {
	spelled := strings.ToUpper(blanks.ReplaceAllLiteralString(text, ""))
	spelled = strings.TrimSuffix(spelled, "B")
	if trimmed, binary := strings.CutSuffix(spelled, "I"); binary {
		spelled = trimmed + "i"
	}
	if !digit.MatchString(spelled) {
		return 0, resource.ErrFormatWrong
	}
	if fraction.MatchString(spelled) {
		return 0, errors.New("the operator reads no fractions; use the next smaller unit")
	}
	if exabytes.MatchString(spelled) {
		return 0, errors.New("the operator reads no exabytes")
	}
	quantity, err := ParseQuantity(spelled)
	if err != nil {
		return 0, err
	}
	// Value saturates: a quantity that does not fit comes back different.
	if bytes := quantity.Value(); bytes >= 0 && quantity.CmpInt64(bytes) == 0 {
		return bytes, nil
	}
	return 0, errors.New("it is no whole number of bytes in 64 bits")
}

var (
	// blanks are Java's \s.
	blanks   = regexp.MustCompile(`[ \t\n\v\f\r]+`)
	digit    = regexp.MustCompile(`[0-9]`)
	fraction = regexp.MustCompile(`\.[0-9]`)
	exabytes = regexp.MustCompile(`Ei?$`)
)

// longestQuantity bounds what is handed to the quantity parser, whose cost grows
// with the digits; a quantity beyond it has no meaning for a container.
const longestQuantity = 64

// hugeExponent matches exponents such as 1e1000000000, which the parser takes but
// whose digits a comparison would write out.
var hugeExponent = regexp.MustCompile(`[eE][+-]?[0-9]{3,}`)

// SameMemory tells whether the operator reads the same size from two texts. Texts
// that are no sizes are the same only when they are equal.
func SameMemory(a, b string) bool {
	if a == b {
		return true
	}
	first, err := ParseMemory(a)
	if err != nil {
		return false
	}
	second, err := ParseMemory(b)
	return err == nil && first == second
}

// SameQuantity tells whether two texts are one Kubernetes quantity ("1Gi" and
// "1024Mi"). Texts that are none are the same only when they are equal.
func SameQuantity(a, b string) bool {
	if a == b {
		return true
	}
	first, err := ParseQuantity(a)
	if err != nil {
		return false
	}
	second, err := ParseQuantity(b)
	return err == nil && first.Cmp(second) == 0
}

// ParseQuantity reads a Kubernetes quantity. What is too large to be one of a
// container is an error: its digits would take much memory to compare. So is a unit
// alone, which apimachinery takes for 0 and the operator's library (Quantity of
// fabric8) for none.
func ParseQuantity(text string) (resource.Quantity, error) {
	if len(text) > longestQuantity || hugeExponent.MatchString(text) || !digit.MatchString(text) {
		return resource.Quantity{}, resource.ErrFormatWrong
	}
	return resource.ParseQuantity(text)
}

// splitNumber splits "2048 mb" into its leading ASCII digits and its unit in
// lower case, as Flink's MemorySize and TimeUtils do.
func splitNumber(text string) (number, unit string) {
	text = TrimBlanks(text)
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end], strings.ToLower(TrimBlanks(text[end:]))
}

// TrimBlanks trims what Java's String.trim trims: everything up to the space.
func TrimBlanks(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
}
