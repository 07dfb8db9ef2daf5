package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

var secretKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}

// document shows what one job is told.
func (s *story) document(ctx context.Context) error {
	s.console.heading("What a job is told")
	s.console.say("Each pod of a streamlet has the file /etc/flink-application/application.json, and reads its topics, its schemas")
	s.console.say("and the way to the brokers there. No secret is in it. Here is that of count:")
	secrets, err := s.cluster.List(ctx, secretKind, s.tale.namespace, "")
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		if !strings.HasPrefix(secret.GetName(), counting+"-") {
			continue
		}
		text, err := documentIn(secret)
		if err != nil {
			return err
		}
		s.console.write("\n" + text + "\n")
		for _, part := range []string{`"streamlet": "count"`, `"topic": "valid"`, `"largest": "50000"`} {
			if !strings.Contains(text, part) {
				return fmt.Errorf("the application document lacks %s", part)
			}
		}
		return nil
	}
	return errors.New("there is no Secret with the application document of count")
}

// documentIn is the application document of a Secret, indented.
func documentIn(secret unstructured.Unstructured) (string, error) {
	encoded, _, err := unstructured.NestedString(secret.Object, "data", "application.json")
	if err != nil {
		return "", err
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("reading the Secret %s: %w", secret.GetName(), err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return "", fmt.Errorf("reading the application document: %w", err)
	}
	return out.String(), nil
}

// generations are those of the FlinkDeployments that there are: one that is not written stays.
func (s *story) generations(ctx context.Context) (map[string]int64, error) {
	list, err := s.cluster.List(ctx, flinkDeployment, s.tale.namespace, "")
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, object := range list {
		out[object.GetName()] = object.GetGeneration()
	}
	return out, nil
}

// alone runs something, and has only the given deployments written by it.
func (s *story) alone(ctx context.Context, do func() error, deployments ...string) error {
	before, err := s.generations(ctx)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	now, err := s.generations(ctx)
	if err != nil {
		return err
	}
	for _, deployment := range deployments {
		delete(before, deployment)
	}
	var untouched []string
	for _, deployment := range s.tale.deployments {
		generation, had := before[deployment]
		if !had {
			continue
		}
		if now[deployment] != generation {
			return fmt.Errorf("%s was written, too: generation %d after %d", deployment, now[deployment], generation)
		}
		untouched = append(untouched, deployment)
	}
	s.console.say("\nNot written in the cluster, so of the same generation: %s.", strings.Join(untouched, ", "))
	return nil
}
