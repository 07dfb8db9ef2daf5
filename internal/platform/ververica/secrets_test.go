package ververica

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const (
	secretsPath = "/api/v1/namespaces/prod/secret-values"
	planted     = "p1anted-value"
)

func secretNamed(name string, labels map[string]string) platform.Secret {
	return platform.Secret{
		Described: platform.Described{Ref: platform.Ref{Namespace: "prod", Name: name}, Labels: labels}, Data: map[string]string{"value": planted},
	}
}

const kept = `{"kind":"SecretValue","metadata":{"name":"KEY","namespace":"prod","resourceVersion":7,"labels":{"old":"1","theirs":"x"},"annotations":{"flink-terraform.io/creation":"m","note":"n"}},"spec":{"kind":"Plain"}}`

func TestSecrets(t *testing.T) {
	client, server := following(t, map[string][]said{
		"POST " + secretsPath:             once(201, kept),
		"GET " + secretsPath:              once(200, `{"items":[`+kept+`]}`),
		"GET " + secretsPath + "/KEY":     once(200, kept),
		"PATCH " + secretsPath + "/KEY":   once(200, strings.Replace(kept, `"resourceVersion":7`, `"resourceVersion":8`, 1)),
		"DELETE " + secretsPath + "/KEY":  once(200, kept),
		"DELETE " + secretsPath + "/GONE": once(404, ""),
	})
	of := client.Secrets()
	read, err := of.Read(t.Context(), platform.Ref{Namespace: "prod", Name: "KEY"})
	want := platform.Secret{
		Described: platform.Described{
			Ref: platform.Ref{Namespace: "prod", Name: "KEY"}, Labels: map[string]string{"old": "1", "theirs": "x"}, Annotations: map[string]string{"note": "n"},
		}, Version: "7",
	}
	if diff := cmp.Diff(want, read); err != nil || diff != "" || server.count("GET "+secretsPath+"/KEY") != 0 {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	created, err := of.Create(t.Context(), secretNamed("KEY", nil))
	if err != nil || created.Version != "7" {
		t.Errorf("created %+v, %v", created, err)
	}
	changed, err := of.Update(t.Context(), secretNamed("KEY", map[string]string{"new": "2"}), secretNamed("KEY", map[string]string{"old": "1"}))
	if err != nil || changed.Version != "8" {
		t.Errorf("changed %+v, %v", changed, err)
	}
	for _, name := range []string{"KEY", "GONE"} {
		if err := of.Delete(t.Context(), secretNamed(name, nil)); err != nil {
			t.Errorf("%s is not deleted: %v", name, err)
		}
	}
	if diff := cmp.Diff([]string{
		"POST " + secretsPath + ` {"apiVersion":"v1","kind":"SecretValue","metadata":{"annotations":{"flink-terraform.io/creation":"*"},"labels":{},"name":"KEY","namespace":"prod"},"spec":{"kind":"PLAIN","value":"p1anted-value"}}`,
		"PATCH " + secretsPath + `/KEY {"metadata":{"annotations":{"flink-terraform.io/creation":null},"labels":{"new":"2","old":null}},"spec":{"kind":"PLAIN","value":"p1anted-value"}}`,
		"DELETE " + secretsPath + "/KEY", "DELETE " + secretsPath + "/GONE",
	}, unmarkedWrites(t, server)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func TestSecretErrors(t *testing.T) {
	quoting := said{code: 400, body: `{"message":"the value ` + planted + ` is not good"}`}
	for name, test := range map[string]struct {
		answers map[string][]said
		do      func(platform.Objects[platform.Secret]) error
		says    string
	}{
		"a create quotes the value": {map[string][]said{"POST " + secretsPath: {quoting}}, nil, "the value **** is not good"},
		"an update quotes it": {map[string][]said{"GET " + secretsPath + "/KEY": once(200, kept), "PATCH " + secretsPath + "/KEY": {quoting}}, func(of platform.Objects[platform.Secret]) error {
			_, err := of.Update(t.Context(), secretNamed("KEY", nil), secretNamed("KEY", nil))
			return err
		}, "the value **** is not good"},
		"it is there":  {map[string][]said{"POST " + secretsPath: once(409, `{"message":"there"}`), "GET " + secretsPath + "/KEY": once(200, kept)}, nil, "SecretValue KEY exists already in namespace prod"},
		"no namespace": {nil, nil, "404"},
		"it is gone": {nil, func(of platform.Objects[platform.Secret]) error {
			_, err := of.Update(t.Context(), secretNamed("KEY", nil), secretNamed("KEY", nil))
			return err
		}, "SecretValue prod/KEY does not exist"},
		"another API": {map[string][]said{asksVersion: once(404, "")}, func(of platform.Objects[platform.Secret]) error {
			return of.Delete(t.Context(), secretNamed("KEY", nil))
		}, "that of something else"},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := following(t, test.answers)
			if test.do == nil {
				test.do = func(of platform.Objects[platform.Secret]) error {
					_, err := of.Create(t.Context(), secretNamed("KEY", nil))
					return err
				}
			}
			err := test.do(client.Secrets())
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), planted) {
				t.Errorf("the error is %v", err)
			}
			if explained, is := errors.AsType[*platform.ExplainedError](err); name == "no namespace" && (!is || explained.Cause != "the namespace prod does not exist") {
				t.Errorf("the error is %#v", err)
			}
		})
	}
}
