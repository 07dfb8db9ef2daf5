package cloudflow

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Runtimes of streamlets. Cloudflow's operator runs those of RuntimeAkka, and leaves all others to
// somebody else.
const (
	RuntimeFlink = "flink"
	RuntimeAkka  = "akka"
)

// descriptorVersion is the version of descriptors that Cloudflow takes, and libraryVersion says who has
// written one: it takes any text without a blank. appVersion is on the pods, so that another one would
// restart all of them.
const (
	descriptorVersion = "6"
	libraryVersion    = "terraform-provider-flink"
	appVersion        = "1"
)

// Entry is a streamlet in a descriptor.
type Entry struct {
	App, Streamlet string
	Runtime        string
	Image          string
	// Class is the streamlet's class; empty where the JAR file names it.
	Class string
	// Secret is the name of the streamlet's Secret.
	Secret string
	// Replicas is nil for the number that the entry has, else for the operator's default, which is 1.
	Replicas *int64
	// Ports join it to topics.
	Ports []Port
	// Config are the names of its configuration parameters.
	Config []string
	// Cluster is the named Kafka cluster of its topics, empty for the default one.
	Cluster string
	// Unjoined leaves the topics out of what the operator reads, which would connect to brokers that it cannot reach.
	Unjoined bool
}

// Port is an inlet or an outlet with the topic that it is joined to.
type Port struct {
	Name   string
	Outlet bool
	Topic  string
	// Schema is the Avro schema as JSON text, empty for none.
	Schema string
}

// tree is a part of an object.
type tree = map[string]any

// NewSpec is the specification of an application without streamlets.
func NewSpec(app string) map[string]any {
	return tree{
		"app_id": app, "app_version": appVersion, "version": descriptorVersion, "library_version": libraryVersion,
		"agent_paths": tree{}, "deployments": []any{}, "streamlets": []any{},
	}
}

// Put writes an entry into a specification, in the place of the one of its streamlet. Other entries stay as
// they are.
func Put(spec map[string]any, entry Entry) {
	before, _ := Find(spec, entry.Streamlet)
	deployment := tree{
		"name": EntryName(entry.App, entry.Streamlet), "streamlet_name": entry.Streamlet, "runtime": entry.Runtime, "image": entry.Image,
		"class_name": entry.Class, "secret_name": entry.Secret, "config": tree{}, "port_mappings": entry.mappings(), "volume_mounts": []any{},
	}
	switch {
	case entry.Replicas != nil:
		deployment["replicas"] = *entry.Replicas
	case before != nil && before["replicas"] != nil:
		deployment["replicas"] = before["replicas"]
	}
	set(spec, "deployments", "streamlet_name", entry.Streamlet, deployment)
	set(spec, "streamlets", "name", entry.Streamlet, tree{"name": entry.Streamlet, "descriptor": entry.descriptor()})
}

// Restore puts a streamlet as it is in another specification of the application.
func Restore(spec, before map[string]any, streamlet string) {
	for field, key := range map[string]string{"deployments": "streamlet_name", "streamlets": "name"} {
		for _, item := range list(before, field) {
			if is, _ := item.(tree); is[key] == streamlet {
				set(spec, field, key, streamlet, is)
			}
		}
	}
}

// Remove takes a streamlet out of a specification, and tells whether another one is left.
func Remove(spec map[string]any, streamlet string) (left bool) {
	set(spec, "deployments", "streamlet_name", streamlet, nil)
	set(spec, "streamlets", "name", streamlet, nil)
	return len(list(spec, "deployments")) > 0
}

// set replaces the element of a list that has a value under a key; nil removes it.
func set(spec tree, field, key, value string, element tree) {
	out := []any{}
	done := element == nil
	for _, item := range list(spec, field) {
		if is, _ := item.(tree); is[key] != value {
			out = append(out, item)
		} else if !done {
			out, done = append(out, element), true
		}
	}
	if !done {
		out = append(out, element)
	}
	spec[field] = out
}

func list(of tree, field string) []any {
	items, _ := of[field].([]any)
	return items
}

// Find returns the entry of a streamlet in a specification.
func Find(spec map[string]any, streamlet string) (entry map[string]any, found bool) {
	for _, item := range list(spec, "deployments") {
		if is, _ := item.(tree); is["streamlet_name"] == streamlet {
			return is, true
		}
	}
	return nil, false
}

// Entries are all entries of a specification, by the name of their Deployment.
func Entries(spec map[string]any) map[string]Entry {
	out := map[string]Entry{}
	for _, item := range list(spec, "deployments") {
		is, _ := item.(tree)
		entry := EntryOf(spec, is)
		out[DeploymentOf(text(is, "name"))] = entry
	}
	return out
}

// EntryOf reads an entry back, but for what only its Secret has.
func EntryOf(spec, entry map[string]any) Entry {
	out := Entry{
		App: text(spec, "app_id"), Streamlet: text(entry, "streamlet_name"), Runtime: text(entry, "runtime"),
		Image: text(entry, "image"), Class: text(entry, "class_name"), Secret: text(entry, "secret_name"),
	}
	switch replicas := entry["replicas"].(type) {
	case int64:
		out.Replicas = &replicas
	case float64:
		out.Replicas = new(int64(replicas))
	}
	return out
}

func text(of tree, field string) string {
	value, _ := of[field].(string)
	return value
}

// mappings join the ports to topics. The API server drops the configuration of a topic, so the operator calls
// a topic by its id: that is the topic's real name.
func (e Entry) mappings() tree {
	out := tree{}
	for _, port := range e.Ports {
		if e.Unjoined {
			continue
		}
		mapping := tree{"id": port.Topic, "config": tree{}}
		if e.Cluster != "" {
			mapping["cluster"] = e.Cluster
		}
		out[port.Name] = mapping
	}
	return out
}

// descriptor describes the streamlet's type.
func (e Entry) descriptor() tree {
	inlets, outlets, parameters := []any{}, []any{}, []any{}
	for _, port := range e.Ports {
		described := tree{"name": port.Name, "schema": port.described()}
		if port.Outlet {
			outlets = append(outlets, described)
		} else {
			inlets = append(inlets, described)
		}
	}
	for _, key := range e.Config {
		parameters = append(parameters, tree{"key": key, "description": "", "validation_type": "string", "validation_pattern": "", "default_value": ""})
	}
	return tree{
		"class_name": e.Class, "runtime": e.Runtime, "description": "", "attributes": []any{}, "labels": []any{}, "volume_mounts": []any{},
		"config_parameters": parameters, "inlets": inlets, "outlets": outlets,
	}
}

// described is the schema of a port. The text itself is not part of a descriptor any more.
func (p Port) described() tree {
	out := tree{"fingerprint": "", "schema": "", "name": "", "format": "avro"}
	if p.Schema == "" {
		return out
	}
	sum := sha256.Sum256([]byte(p.Schema))
	out["fingerprint"] = base64.StdEncoding.EncodeToString(sum[:])
	var schema struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	}
	if json.Unmarshal([]byte(p.Schema), &schema) == nil && schema.Name != "" {
		out["name"] = schema.Name
		if schema.Namespace != "" {
			out["name"] = schema.Namespace + "." + schema.Name
		}
	}
	return out
}

// Topics are the topics that entries of a specification are joined to, sorted.
func Topics(spec map[string]any) []string {
	found := map[string]bool{}
	for _, item := range list(spec, "deployments") {
		is, _ := item.(tree)
		mappings, _ := is["port_mappings"].(tree)
		for _, mapping := range mappings {
			if m, _ := mapping.(tree); text(m, "id") != "" {
				found[text(m, "id")] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// EntryFor is the entry of a streamlet with a specification and a document.
func EntryFor(spec flink.DeploymentSpec, told Told, cluster string) Entry {
	entry := Entry{
		App: told.App, Streamlet: told.Streamlet, Runtime: RuntimeOf(spec), Ports: told.Ports, Cluster: cluster,
		Config: slices.Sorted(maps.Keys(told.Config)), Unjoined: (told.secured() || told.Bootstrap == "") && cluster == "",
	}
	if entry.Runtime != RuntimeAkka {
		// The operator takes the brokers of a topic from the Secret of whichever streamlet it finds first, and fails the
		// application for good when that is gone. Nothing tells when it has stopped looking at one of these.
		entry.Unjoined = true
	}
	if spec.Image != nil {
		entry.Image = *spec.Image
	}
	if spec.Job != nil {
		if spec.Job.EntryClass != nil {
			entry.Class = *spec.Job.EntryClass
		}
		if entry.Runtime == RuntimeAkka {
			entry.Replicas = spec.Job.Parallelism
		}
	}
	return entry
}
