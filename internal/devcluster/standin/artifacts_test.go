package standin

import (
	"strings"
	"testing"
)

// TestWhereJarsComeFrom has the texts of JarUriValidationUtils of operator 1.16.1.
func TestWhereJarsComeFrom(t *testing.T) {
	for _, test := range []struct {
		jarURI string
		// want is with the operator's defaults, "" for nothing, and widened what an administrator's options leave of it.
		want, widened string
	}{
		{"https://repo.example.com/a.jar", "", ""},
		{"HTTPS://repo.example.com/a.jar", "", ""},
		{"a.jar", "jarURI must include a scheme", "jarURI must include a scheme"},
		{"https://a b/", "jarURI is not a valid URI: ", "jarURI is not a valid URI: "},
		{"https:///a.jar", "jarURI must include a host for http/https schemes", ""},
		{"file:///a.jar", "jarURI scheme 'file' is not in the allowlist [https]. Configure 'kubernetes.operator.user.artifacts.allowed-schemes' to extend the allowlist.", ""},
		{"s3://flink/a.jar", "jarURI scheme 's3' is not in the allowlist [https].", "jarURI scheme 's3' is not in the allowlist [https, http, file]."},
		{"http://127.0.0.1/a.jar", "jarURI scheme 'http' is not in the allowlist [https].", ""},
		{"https://127.0.0.1:8443/a.jar", "jarURI host '127.0.0.1' resolves to a restricted address", ""},
		{"https://[::1]:8443/a.jar", "jarURI host '[::1]' resolves to a restricted address", ""},
		{"https://[::ffff:10.0.0.7]/a.jar", "jarURI host '[::ffff:10.0.0.7]' resolves to a restricted address", ""},
		{"https://169.254.169.254/latest", "jarURI host '169.254.169.254' resolves to a restricted address", ""},
		{"https://192.168.0.1/a.jar", "jarURI host '192.168.0.1' resolves to a restricted address", ""},
		{"https://0.0.0.0/a.jar", "jarURI host '0.0.0.0' resolves to a restricted address", ""},
		{"https://[fec0::1]/a.jar", "jarURI host '[fec0::1]' resolves to a restricted address", ""},
		{"https://[fd00::1]/a.jar", "", ""},
		{"https://93.184.215.14/a.jar", "", ""},
		{"https://localhost/a.jar", "jarURI host 'localhost' resolves to a restricted address", ""},
		{"https://nexus.tools.svc/a.jar", "jarURI host 'nexus.tools.svc' resolves to a restricted address", ""},
		{"https://artifacts.internal/a.jar", "jarURI host 'artifacts.internal' cannot be resolved", ""},
	} {
		t.Run(test.jarURI, func(t *testing.T) {
			widening := map[string]string{keyAllowedSchemes: "https;http;file", keyRestrictedHosts: "false"}
			for _, check := range []struct {
				version       string
				configuration map[string]string
				want          string
			}{{"1.7", nil, ""}, {"1.15", nil, test.want}, {"1.16", nil, test.want}, {"1.16", widening, test.widened}} {
				v, err := versionOf(check.version, check.configuration)
				if err != nil {
					t.Fatal(err)
				}
				job := parseSpec(map[string]any{"deploymentName": "shared", "job": map[string]any{"jarURI": test.jarURI, "parallelism": int64(1)}})
				if got := v.validateSessionJob(job, nil, nil); !strings.HasPrefix(got, check.want) || (got == "") != (check.want == "") {
					t.Errorf("%s with %v says %q, want %q", check.version, check.configuration, got, check.want)
				}
			}
		})
	}
}

func TestUnknownOption(t *testing.T) {
	if _, err := versionOf("1.16", map[string]string{"kubernetes.operator.user.artifacts.max-size": "1g"}); err == nil || !strings.Contains(err.Error(), "max-size") {
		t.Errorf("got %v", err)
	}
}
