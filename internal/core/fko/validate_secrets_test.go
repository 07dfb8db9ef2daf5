package fko

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestSecretsInClear(t *testing.T) {
	variable := func(name string) any {
		return flink.Tree{"spec": flink.Tree{"containers": []any{flink.Tree{"name": "flink-main-container", "env": []any{flink.Tree{"name": name, "value": "x"}}}}}}
	}
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    []told
	}{
		{
			"a key",
			map[string]any{"flinkConfiguration/s3.secret-key": "x", "flinkConfiguration/s3.access-key": "x"},
			[]told{{flink.Warning, `flink_configuration["s3.secret-key"]`, "A secret is in clear in flink_configuration"}},
		},
		{"a key that Flink takes from nowhere else", map[string]any{"flinkConfiguration/security.ssl.rest.key-password": "x"}, nil},
		{"a reference", map[string]any{"flinkConfiguration/kubernetes.env.secretKeyRef": "env:A,secret:s,key:k"}, nil},
		{"a switch", map[string]any{"flinkConfiguration/security.kerberos.fetch.delegation-token": "false"}, nil},
		{
			"a variable",
			map[string]any{"taskManager/podTemplate": variable("DB_PASSWORD")},
			[]told{{flink.Warning, "task_manager.pod_template", "A secret is in clear in task_manager.pod_template"}},
		},
		{"another variable", map[string]any{"podTemplate": variable("DB_PASSWORD_FILE")}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tell(t, "orders", test.changes)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEnvironmentWithSecrets(t *testing.T) {
	text := func(value string) *string { return &value }
	var got []told
	for _, f := range ValidateLayer(flink.DeploymentSpec{
		FlinkConfiguration: flink.Configuration{"a.b": text("c"), "s3.secret-key": text("x"), "b.password": nil},
		JobManager: &flink.JobManager{PodTemplate: flink.Document{"spec": map[string]any{"containers": []any{map[string]any{
			"env": []any{map[string]any{"name": "API_KEY", "value": "x"}},
		}}}}},
	}) {
		got = append(got, told{f.Severity, f.Path.Attribute(), f.Summary})
	}
	if diff := cmp.Diff([]told{
		{flink.Error, `flink_configuration["s3.secret-key"]`, "The secret s3.secret-key cannot be in an environment"},
		{flink.Warning, "job_manager.pod_template", "A secret is in clear in job_manager.pod_template"},
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestValidateSecrets(t *testing.T) {
	text := func(value string) *string { return &value }
	ref := flink.SecretRef{Secret: "s", Key: "k"}
	for _, test := range []struct {
		name    string
		config  flink.Configuration
		secrets map[string]flink.SecretRef
		want    []told
	}{
		{"nothing", nil, nil, nil},
		{"keys with a way", flink.Configuration{"a": text("b")}, map[string]flink.SecretRef{
			"s3.access-key": ref, "s3.secret-key": ref, "s3a.secret.key": ref, "fs.s3a.session.token": ref, "fs.s3a.bucket.my-bucket.secret.key": ref, "presto.s3.secret-key": ref,
			"fs.azure.account.key.a.dfs.core.windows.net": ref, "fs.azure.account.oauth2.client.secret": ref, "gs.auth.service.account.json.keyfile": ref,
		}, nil},
		{"keys without", nil, map[string]flink.SecretRef{"security.ssl.internal.key-password": ref, "metrics.reporter.dd.apikey": ref, "s3.endpoint": ref}, []told{
			{flink.Error, `secret_configuration["metrics.reporter.dd.apikey"]`, "Flink cannot take metrics.reporter.dd.apikey from a Kubernetes Secret"},
			{flink.Error, `secret_configuration["s3.endpoint"]`, "Flink cannot take s3.endpoint from a Kubernetes Secret"},
			{flink.Error, `secret_configuration["security.ssl.internal.key-password"]`, "Flink cannot take security.ssl.internal.key-password from a Kubernetes Secret"},
		}},
		{
			"given twice",
			flink.Configuration{"s3.secret-key": text("x")},
			map[string]flink.SecretRef{"s3.secret-key": ref},
			[]told{{flink.Error, `secret_configuration["s3.secret-key"]`, "s3.secret-key is given twice"}},
		},
		{
			"s5cmd",
			flink.Configuration{"s3.s5cmd.path": text("/s5cmd")},
			map[string]flink.SecretRef{"s3.secret-key": ref},
			[]told{{flink.Error, `flink_configuration["s3.s5cmd.path"]`, "s5cmd cannot take its keys from a Kubernetes Secret"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []told
			for _, f := range ValidateSecrets(test.config, test.secrets) {
				got = append(got, told{f.Severity, f.Path.Attribute(), f.Summary})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
