package flink

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithSecrets(t *testing.T) {
	text := func(value string) *string { return &value }
	own := Configuration{
		"s3.endpoint":                 text("http://s3"),
		"kubernetes.env.secretKeyRef": text("env:MINE,secret:mine,key:k"),
		"kubernetes.secrets":          text("mine:/etc/mine"),
	}
	got := WithSecrets(own, map[string]SecretRef{
		"s3.secret-key": {"s3", "secret"},
		"s3.secret.key": {"s3", "other"},
		"fs.azure.account.key.acc.blob.core.windows.net": {"azure", "key"},
		"fs.gs.auth.service.account.json.keyfile":        {"gcs", "key.json"},
		"security.ssl.rest.key-password":                 {"ssl", "x"},
	})
	want := map[string]string{
		"s3.endpoint":   "http://s3",
		"s3.secret-key": "${env.FLINK_SECRET_S3_SECRET_KEY}",
		"s3.secret.key": "${env.FLINK_SECRET_S3_SECRET_KEY_}",
		"fs.azure.account.key.acc.blob.core.windows.net": "${env.FLINK_SECRET_FS_AZURE_ACCOUNT_KEY_ACC_BLOB_CORE_WINDOWS_NET}",
		"kubernetes.env.secretKeyRef": "env:MINE,secret:mine,key:k;env:FLINK_SECRET_FS_AZURE_ACCOUNT_KEY_ACC_BLOB_CORE_WINDOWS_NET,secret:azure,key:key;" +
			"env:FLINK_SECRET_S3_SECRET_KEY,secret:s3,key:secret;env:FLINK_SECRET_S3_SECRET_KEY_,secret:s3,key:other",
		"kubernetes.secrets":                                           "mine:/etc/mine,gcs:/opt/flink/secret-configuration/gcs",
		"fs.gs.auth.service.account.json.keyfile":                      "/opt/flink/secret-configuration/gcs/key.json",
		"containerized.master.env.GOOGLE_APPLICATION_CREDENTIALS":      "/opt/flink/secret-configuration/gcs/key.json",
		"containerized.taskmanager.env.GOOGLE_APPLICATION_CREDENTIALS": "/opt/flink/secret-configuration/gcs/key.json",
	}
	if diff := cmp.Diff(want, Flatten(got)); diff != "" {
		t.Error(diff)
	}
	if len(own) != 3 || *own["kubernetes.secrets"] != "mine:/etc/mine" {
		t.Errorf("the argument has changed: %v", Flatten(own))
	}
	if keys := SensitiveConfiguration(got); len(keys) > 0 {
		t.Errorf("%v are taken for secrets in clear", keys)
	}
}
