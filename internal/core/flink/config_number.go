package flink

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// javaDecimal is what Java's Double.valueOf reads, but for the blanks around it.
var javaDecimal = regexp.MustCompile(`^[+-]?(NaN|Infinity|(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|0[xX]([0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)$`)

// javaFloat reads a text as Java's Float.parseFloat (32 bits) or Double.parseDouble (64)
// does: "1.5f", "0x1p3" and "1e400", which is infinite, but neither "inf" nor "1_000".
func javaFloat(text string, bits int) (float64, bool) {
	text = TrimBlanks(text)
	part := javaDecimal.FindStringSubmatch(text)
	if part == nil {
		return 0, false
	}
	if part[1] == "NaN" {
		return math.NaN(), true
	}
	if part[2] != "" && !strings.ContainsAny(text, "xX") || strings.ContainsAny(text, "pP") {
		text = strings.TrimRight(text, "fFdD")
	}
	// The only error left is that of a number beyond the range, with the infinity that Java reads.
	value, _ := strconv.ParseFloat(text, bits)
	return value, true
}

// ParseDouble reads a text as Java's Double.parseDouble does: with a suffix, as "0.7d", but
// no "inf"; ok is false for what it refuses. A number beyond the range is infinite.
func ParseDouble(text string) (value float64, ok bool) { return javaFloat(text, 64) }

// floatMeaning and doubleMeaning are equal for numbers that Java holds for one value of
// its type.
func floatMeaning(value float64) string {
	if math.IsNaN(value) {
		return "float 7fc00000"
	}
	return fmt.Sprintf("float %x", math.Float32bits(float32(value)))
}

func doubleMeaning(value float64) string {
	if math.IsNaN(value) {
		return "double 7ff8000000000000"
	}
	return fmt.Sprintf("double %x", math.Float64bits(value))
}

// javaInteger reads a text as Java's Integer.parseInt (32 bits) or Long.parseLong (64)
// does: no blanks, and the decimal digits of any script.
func javaInteger(text string, bits int) (int64, bool) {
	digits := strings.Builder{}
	for i, r := range text {
		switch digit, ok := javaDigit(r); {
		case i == 0 && (r == '+' || r == '-'):
			digits.WriteRune(r)
		case ok:
			digits.WriteByte(digit)
		default:
			return 0, false
		}
	}
	value, err := strconv.ParseInt(digits.String(), 10, bits)
	return value, err == nil
}

// javaDigit is the ASCII digit of what is one to Java's Character.digit of a char.
func javaDigit(r rune) (byte, bool) {
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return "0123456789"[(r-rune(digits.Lo))%10], true
		}
	}
	return 0, false
}

// fits tells whether an integer fits into 64 bits.
func fits(n *big.Int) bool { return n.IsInt64() }
