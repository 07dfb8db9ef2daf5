package cloudflow

import (
	"encoding/json"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Keys of a streamlet's Secret (WithConfiguration, ConfigInput). Each value is HOCON, of which JSON is a part.
const (
	keyApplication = "application.conf"
	keySecret      = "secret.conf"
	keyRuntime     = "runtime-config.conf"
	keyPods        = "pods-config.conf"
	// KeySpecification has what was applied, for a refresh and an import. Cloudflow does not read it.
	KeySpecification = "specification.json"
)

var keys = []string{keyApplication, keySecret, keyRuntime, keyPods}

// Applied is what KeySpecification has.
type Applied struct {
	Spec        flink.Tree        `json:"spec"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// SecretValues are the values of the Secret of an entry. pods is what PodsOf returns.
func SecretValues(entry Entry, told Told, pods map[string]any) (map[string]string, error) {
	mappings := tree{}
	for _, port := range entry.Ports {
		mapping := tree{"id": port.Topic, "config": told.topic(port.Topic, entry.Cluster)}
		if entry.Cluster != "" {
			mapping["cluster"] = entry.Cluster
		}
		mappings[port.Name] = mapping
	}
	runner := func(streamlet tree) tree { return tree{"cloudflow": tree{"runner": tree{"streamlet": streamlet}}} }
	parameters := tree{}
	for key, value := range told.Config {
		parameters[key] = value
	}
	application := runner(tree{
		"class_name": entry.Class, "streamlet_ref": entry.Streamlet,
		"context": tree{"app_id": entry.App, "app_version": appVersion, "config": tree{}, "volume_mounts": []any{}, "port_mappings": mappings},
	})
	secret := runner(tree{"context": tree{"port_mappings": mappings}})
	cloudflow, _ := secret["cloudflow"].(tree)
	cloudflow["streamlets"] = tree{entry.Streamlet: parameters}
	kubernetes := tree{"kubernetes": tree{"pods": tree{}}}
	if len(pods) > 0 {
		kubernetes = tree{"kubernetes": tree{"pods": tree{"pod": pods}}}
	}
	out := map[string]string{}
	for key, value := range map[string]tree{keyApplication: application, keySecret: secret, keyRuntime: {}, keyPods: kubernetes} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode the configuration of %q: %w", entry.Streamlet, err)
		}
		out[key] = string(text)
	}
	return out, nil
}

// topic is the configuration of a topic. The operator reads a path as one key a level, so a name with dots in
// it is nested. It wants partitions and replicas of each topic, also of one that exists: -1 are the brokers' own.
func (t Told) topic(name, cluster string) tree {
	out := tree{"topic": tree{"name": name}, "managed": false}
	if cluster != "" || t.secured() || t.Bootstrap == "" {
		return out
	}
	out["bootstrap"] = tree{"servers": t.Bootstrap}
	out["partitions"], out["replicas"] = -1, -1
	return out
}

// Input is the text of InputSecret with what a streamlet is told in it; told is nil for a streamlet that
// leaves. Texts of others in it stay, as long as they are JSON.
func Input(before string, streamlet string, told *Told) (text string, empty bool, err error) {
	whole := tree{}
	if before != "" {
		if err := json.Unmarshal([]byte(before), &whole); err != nil {
			return "", false, fmt.Errorf("the configuration of the application is no JSON, so it cannot be added to: %w", err)
		}
	}
	root := within(whole, "cloudflow")
	streamlets := within(root, "streamlets")
	if told == nil {
		delete(streamlets, streamlet)
	} else {
		parameters := tree{}
		for key, value := range told.Config {
			parameters[key] = value
		}
		within(streamlets, streamlet)["config-parameters"] = parameters
	}
	encoded, err := json.Marshal(whole)
	return string(encoded), len(streamlets) == 0, err
}

// InputOf is what the text of InputSecret tells a streamlet; nil for nothing.
func InputOf(text, streamlet string) *Told {
	whole := tree{}
	if json.Unmarshal([]byte(text), &whole) != nil {
		return nil
	}
	said, has := part(part(whole, "cloudflow"), "streamlets")[streamlet].(tree)
	if !has {
		return nil
	}
	out := Told{Streamlet: streamlet, Config: map[string]string{}}
	for key, value := range part(said, "config-parameters") {
		if text, isText := value.(string); isText {
			out.Config[key] = text
		}
	}
	return &out
}

// within is the object at a key, which it makes where there is none.
func within(of tree, key string) tree {
	at, ok := of[key].(tree)
	if !ok {
		at = tree{}
		of[key] = at
	}
	return at
}
