package fko

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestSessionJobAdvice(t *testing.T) {
	t.Parallel()
	const begin, end = "The operator fetches no JAR files ", " unless its administrator allows it"
	for uri, want := range map[string][]string{
		"https://repo.example.com/a.jar":   nil,
		"HTTPS://repo.example.com/a.jar":   nil,
		"https://93.184.215.14/a.jar":      nil,
		"https://[fd00::1]/a.jar":          nil, // Java's site-local addresses are others
		"https://artifacts.internal/a.jar": nil, // for the operator to resolve
		"a.jar":                            nil, // an error without an operator
		"https://a b/":                     nil,
		"local:///opt/a.jar":               {"by local"},
		"file:///opt/a.jar":                {"by file"},
		"s3://10.0.0.7/a.jar":              {"by s3"},
		"http://repo.example.com/a.jar":    {"by http"},
		"http://10.0.0.7/a.jar":            {"by http", "from 10.0.0.7"},
		"https://10.0.0.7:8443/a.jar":      {"from 10.0.0.7"},
		"https://172.16.0.1/a.jar":         {"from 172.16.0.1"},
		"https://169.254.169.254/latest":   {"from 169.254.169.254"},
		"https://[::1]/a.jar":              {"from ::1"},
		"https://[fec0::1]/a.jar":          {"from fec0::1"},
		"https://0.0.0.0/a.jar":            {"from 0.0.0.0"},
		"https://224.0.0.1/a.jar":          {"from 224.0.0.1"},
		"https://localhost/a.jar":          {"from localhost"},
		"https://nexus.tools.svc/a.jar":    {"from nexus.tools.svc"},
	} {
		t.Run(uri, func(t *testing.T) {
			t.Parallel()
			spec := flink.DeploymentSpec{DeploymentName: new("shared"), Job: &flink.Job{JarURI: &uri}}
			var got []string
			for _, f := range SessionJobAdvice(spec, true) {
				whence, ok := strings.CutPrefix(f.Summary, begin)
				if got = append(got, strings.TrimSuffix(whence, end)); !ok || f.Severity != flink.Warning || f.Path.Attribute() != "job.jar_uri" || !strings.Contains(f.Detail, "kubernetes.operator.user.artifacts.") {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			old := SessionJobAdvice(spec, false)
			if len(old) != 1 || old[0].Severity != flink.Warning || len(old[0].Path) > 0 || !strings.Contains(old[0].Summary, "CVE-2026-40564") || !strings.Contains(old[0].Detail, "Upgrade the operator to 1.15 or newer") {
				t.Errorf("of an operator before 1.15: %+v", old)
			}
		})
	}
	if got := SessionJobAdvice(flink.DeploymentSpec{DeploymentName: new("shared"), Job: &flink.Job{}}, true); got != nil {
		t.Errorf("of a job without a JAR file: %+v", got)
	}
	secret := SessionJobAdvice(flink.DeploymentSpec{Job: &flink.Job{JarURI: new("http://user:hidden@repo.example.com/a.jar")}}, true)
	if len(secret) != 1 || strings.Contains(secret[0].Detail, "hidden") {
		t.Errorf("with a password: %+v", secret)
	}
}

func TestJarRemedy(t *testing.T) {
	t.Parallel()
	const options = "kubernetes.operator.user.artifacts."
	for message, want := range map[string]string{
		"jarURI scheme 'file' is not in the allowlist [https]. Configure '" + options + "allowed-schemes' to extend the allowlist.":            options + "allowed-schemes to https;file in the operator's own",
		"jarURI host '127.0.0.1' resolves to a restricted address":                                                                             options + "disallow-restricted-hosts to false",
		"jarURI host 'artifacts.internal' cannot be resolved":                                                                                  "artifacts.internal has no address in the operator's pod",
		"jarURI must include a scheme":                                                                                                         "whole URI",
		"jarURI must include a host for http/https schemes":                                                                                    "whole URI",
		"jarURI is not a valid URI: Illegal character in authority":                                                                            "whole URI",
		"IOException: Refusing to fetch artifact from 'http://10.0.0.7/': jarURI host '10.0.0.7' resolves to a restricted address":             options + "disallow-restricted-hosts to false",
		"Refusing to fetch artifact from 'https://r/a.jar': declared size 2147483648 bytes exceeds the configured limit of 1073741824 bytes":   "at most 1073741824 bytes",
		"Refusing to fetch artifact from 'https://r/a.jar': downloaded size 1073741825 bytes exceeds the configured limit of 1073741824 bytes": options + "max-size",
		"Timed out (> PT5M) while fetching artifact from 'https://r/a.jar'":                                                                    options + "http.total-timeout",
		"Too many redirects (>5) while fetching artifact from 'https://r/a.jar'":                                                               "at most 5 redirects",
		"Refusing to follow redirect from 'https://r/' to non-http(s) target 'ftp://r/'":                                                       "at most 5 redirects",
		"Received redirect (status 302) from 'https://r/' without a Location header":                                                           "at most 5 redirects",
		"Job parallelism must be larger than 0":                                                                                                "",
		"Timed out while waiting for the savepoint":                                                                                            "",
		"host 'kafka' cannot be resolved":                                                                                                      "",
	} {
		remedy, ok := JarRemedy(message)
		if ok != (want != "") || !strings.Contains(remedy, want) || strings.Contains(remedy, "$") {
			t.Errorf("%q: %q, want %q", message, remedy, want)
		}
	}
}
