package fko

import "testing"

func TestIngressAddress(t *testing.T) {
	for template, want := range map[string][2]string{
		"flink.example.com/{{namespace}}/{{name}}(/|$)(.*)": {"flink.example.com", "/prod/orders(/|$)(.*)"},
		"{{name}}.{{namespace}}.example.com":                {"orders.prod.example.com", ""},
		"https://{{NAME}}.example.com:8443/":                {"orders.example.com", "/"},
		"/{{namespace}}/{{name}}":                           {"", "/prod/orders"},
	} {
		if host, path := IngressAddress(template, "orders", "prod"); host != want[0] || path != want[1] {
			t.Errorf("%s is host %q and path %q, want %q", template, host, path, want)
		}
	}
}
