package fko

import (
	"fmt"
	"math/big"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// The operator reads the memory of resources twice. Its size for Flink is that of the
// older attribute (ResourceConfigUtils.parseResourceMemoryString): Flink's spelling
// first, then a quantity. As a quantity alone it is read for the limit
// (computeLimitFactor), and in each reconciliation, which compares what is deployed with
// what is to be (ReflectiveDiffBuilder, by Quantity.equals of fabric8). All that is of
// operator 1.16.1; before 1.16 there are no resources.

// notAQuantity refuses memory that has a size for Flink and is no quantity: the operator
// accepts it, deploys it once unless it has a limit, and fails in each reconciliation
// afterwards.
func notAQuantity(path flink.Path, text string) []flink.Finding {
	if _, err := flink.ParseQuantity(text); err == nil {
		return nil
	}
	size, _ := flink.ParseMemory(text)
	return fault(path, fmt.Sprintf("%q is not a Kubernetes quantity", text),
		fmt.Sprintf("Here the operator takes Flink's spelling for a size, but then reads the same text as a quantity and fails: the job is never updated again. Set %s to %q.", path.Attribute(), quantityOf(size)))
}

// limitOfMemory refuses a request and a limit whose ratio as quantities is another one
// than that of the sizes. Flink multiplies the size by that ratio for the container's
// limit: "2048m" is 2048 MiB to Flink and 2.048 bytes to Kubernetes.
func (c component) limitOfMemory() []flink.Finding {
	request, requested := c.resources.Requests["memory"]
	limit, limited := c.resources.Limits["memory"]
	if !requested || !limited {
		return nil
	}
	size, err := flink.ParseMemory(request)
	most, err2 := flink.ParseMemory(limit)
	factor, ok := ratio(limit, request)
	if err != nil || err2 != nil || !ok || size == 0 || factor.Cmp(big.NewRat(most, size)) == 0 {
		return nil
	}
	path := flink.Path{c.field, "resources", "limits", "memory"}
	times, _ := factor.Float64()
	return fault(path, fmt.Sprintf("The %s would get another limit of memory than %s", c.title, limit),
		fmt.Sprintf("The operator gives the process the size of the request as Flink reads it, %s for %q, and has the limit be %.4g times that: limit and request as Kubernetes reads them. "+
			"Write both as quantities that are one size to both: set %s to %q and %s to %q.",
			quantityOf(size), request, times, flink.Path{c.field, "resources", "requests", "memory"}.Attribute(), quantityOf(size), path.Attribute(), quantityOf(most)))
}

// ratio returns one quantity divided by another, and whether there is such a number.
func ratio(dividend, divisor string) (*big.Rat, bool) {
	above, ok := rational(dividend)
	below, ok2 := rational(divisor)
	if !ok || !ok2 || below.Sign() <= 0 {
		return nil, false
	}
	return above.Quo(above, below), true
}

func rational(text string) (*big.Rat, bool) {
	quantity, err := flink.ParseQuantity(text)
	if err != nil {
		return nil, false
	}
	return new(big.Rat).SetString(quantity.AsDec().String())
}

// quantityOf is a size as a Kubernetes quantity, which Flink's reading of the operator
// takes for the same.
func quantityOf(size int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 40, "Ti"}, {1 << 30, "Gi"}, {1 << 20, "Mi"}, {1 << 10, "Ki"}} {
		if size >= unit.bytes && size%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", size/unit.bytes, unit.name)
		}
	}
	return fmt.Sprint(size)
}
