package blueprint

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Told is what an application document says of its streamlet.
type Told struct {
	Application, Name string
	Streamlet         Streamlet
	// Topics are those that join its ports, by their names in Kafka: a document does not know
	// what the blueprint calls them.
	Topics map[string]Topic
}

// ReadDocument reads what Document wrote.
func ReadDocument(text []byte) (Told, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return Told{}, fmt.Errorf("read the application document: %w", err)
	}
	if d.SchemaVersion != schemaVersion {
		return Told{}, fmt.Errorf("the application document has the version %d, and this version of the provider reads %d", d.SchemaVersion, schemaVersion)
	}
	told := Told{Application: d.Application, Name: d.Streamlet, Topics: map[string]Topic{}}
	s := Streamlet{Inlets: map[string]Port{}, Outlets: map[string]Port{}, Config: d.Config}
	for key, file := range d.ConfigFiles {
		ref, ok := refOf(file)
		if !ok {
			return Told{}, fmt.Errorf("the application document has the value of %q in the file %s, which is in no Secret", key, file)
		}
		if s.ConfigSecrets == nil {
			s.ConfigSecrets = map[string]flink.SecretRef{}
		}
		s.ConfigSecrets[key] = ref
	}
	join := func(ports map[string]documentPort, into map[string]Port, side func(*Topic) *[]string) {
		for _, name := range slices.Sorted(maps.Keys(ports)) {
			p := ports[name]
			into[name] = Port{Schema: string(p.Schema), Subject: p.Subject}
			topic := told.Topics[p.Topic]
			ends := side(&topic)
			*ends = append(*ends, d.Streamlet+"."+name)
			told.Topics[p.Topic] = topic
		}
	}
	join(d.Inlets, s.Inlets, func(t *Topic) *[]string { return &t.Consumers })
	join(d.Outlets, s.Outlets, func(t *Topic) *[]string { return &t.Producers })
	told.Streamlet = s
	return told, nil
}

// refOf is the key of a Secret whose value is in a file.
func refOf(file string) (flink.SecretRef, bool) {
	rest, ok := strings.CutPrefix(file, path.Join(DocumentFolder, secretsFolder)+"/")
	secret, key, found := strings.Cut(rest, "/")
	return flink.SecretRef{Secret: secret, Key: key}, ok && found && secret != "" && key != ""
}

// Carried says how pods get an application document.
type Carried struct {
	// Secret has it under DocumentFile; empty where Text is it.
	Secret string
	Text   string
	// Runtime is Streamlet.Runtime, which no document has.
	Runtime string
}

// Unrendered is a pod template without what PodTemplate and AnnotatedPodTemplate add, nil for
// nothing else, and how it carries the document; ok is false for one that carries none.
func Unrendered(template flink.Document) (rest flink.Document, carried Carried, ok bool) {
	rest = runtime.DeepCopyJSON(template)
	spec := treeAt(rest, "spec")
	volumes, _ := spec["volumes"].([]any)
	keep := volumes[:0:0]
	for _, volume := range volumes {
		v, _ := volume.(map[string]any)
		if v["name"] != volumeName {
			keep = append(keep, volume)
			continue
		}
		sources, _ := treeAt(v, "projected")["sources"].([]any)
		for _, source := range sources {
			s, _ := source.(map[string]any)
			secret := treeAt(s, "secret")
			items, _ := secret["items"].([]any)
			for _, item := range items {
				if i, _ := item.(map[string]any); i["key"] == DocumentFile && i["path"] == DocumentFile {
					carried.Secret, _ = secret["name"].(string)
				}
			}
		}
		ok = true
	}
	put(spec, "volumes", keep)
	containers, _ := spec["containers"].([]any)
	others := containers[:0:0]
	for _, container := range containers {
		c, _ := container.(map[string]any)
		mounts, _ := c["volumeMounts"].([]any)
		put(c, "volumeMounts", slices.DeleteFunc(slices.Clone(mounts), func(mount any) bool {
			m, _ := mount.(map[string]any)
			return m["name"] == volumeName
		}))
		if len(c) > 1 || c["name"] != flink.MainContainer {
			others = append(others, container)
		}
	}
	put(spec, "containers", others)
	metadata := treeAt(rest, "metadata")
	annotations := treeAt(metadata, "annotations")
	carried.Text, _ = annotations[DocumentAnnotation].(string)
	carried.Runtime, _ = annotations[RuntimeAnnotation].(string)
	delete(annotations, RuntimeAnnotation)
	delete(annotations, DocumentAnnotation)
	delete(annotations, DocumentHashAnnotation)
	for _, empty := range []struct {
		of  map[string]any
		key string
	}{{metadata, "annotations"}, {rest, "metadata"}, {rest, "spec"}} {
		if len(treeAt(empty.of, empty.key)) == 0 {
			delete(empty.of, empty.key)
		}
	}
	if len(rest) == 0 {
		rest = nil
	}
	return rest, carried, ok
}

// put sets a list, and leaves an empty one out.
func put(in map[string]any, key string, list []any) {
	switch {
	case in == nil:
	case len(list) == 0:
		delete(in, key)
	default:
		in[key] = list
	}
}

func treeAt(in map[string]any, key string) map[string]any {
	tree, _ := in[key].(map[string]any)
	return tree
}
