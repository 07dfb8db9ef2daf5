package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func BenchmarkValidate(b *testing.B) {
	spec, err := flink.SpecOf(document(b, validSpec))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if findings := Validate("orders", spec); len(findings) > 0 {
			b.Fatal(findings)
		}
	}
}
