package flink

import (
	"errors"
	"fmt"
	"math"
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
	size, flinkErr := parseMemorySize(text)
	if flinkErr == nil {
		return size, nil
	}
	size, err := parseMemoryQuantity(text)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a Flink memory size such as \"2g\" (%w) nor a Kubernetes quantity such as \"2Gi\" (%w)", text, flinkErr, err)
	}
	return size, nil
}

// parseMemorySize reads what Flink's own MemorySize.parse reads, and nothing
// else: Flink's configuration knows no Kubernetes quantities.
func parseMemorySize(text string) (int64, error) {
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
// text for a quantity: upper case, no blanks, no final B, so that "1.5 gib" is
// "1.5Gi".
func parseMemoryQuantity(text string) (int64, error) {
	spelled := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	spelled = strings.TrimSuffix(spelled, "B")
	if trimmed, binary := strings.CutSuffix(spelled, "I"); binary {
		spelled = trimmed + "i"
	}
	quantity, err := parseQuantity(spelled)
	if err != nil {
		return 0, err
	}
	if quantity.Sign() < 0 {
		return 0, errors.New("it is negative")
	}
	// Value rounds up and saturates; a quantity that is no whole number of
	// bytes in 64 bits comes back different.
	whole := resource.NewQuantity(quantity.Value(), resource.BinarySI)
	if whole.Cmp(quantity) != 0 {
		return 0, errors.New("it is not a whole number of bytes")
	}
	return quantity.Value(), nil
}

// longestQuantity bounds what is handed to the quantity parser, whose cost grows
// with the digits; a quantity beyond it has no meaning for a container.
const longestQuantity = 64

func parseQuantity(text string) (resource.Quantity, error) {
	if len(text) > longestQuantity {
		return resource.Quantity{}, resource.ErrFormatWrong
	}
	return resource.ParseQuantity(text)
}

// splitNumber splits "2048 mb" into its leading ASCII digits and its unit in
// lower case, as Flink's MemorySize and TimeUtils do.
func splitNumber(text string) (number, unit string) {
	text = trimBlanks(text)
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end], strings.ToLower(trimBlanks(text[end:]))
}

// trimBlanks trims what Java's String.trim trims: everything up to the space.
func trimBlanks(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
}
