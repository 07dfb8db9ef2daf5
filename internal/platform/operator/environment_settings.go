package operator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The settings of an environment are kept in a ConfigMap of its namespace, for
// configurations that did not create it. Not in an annotation of the namespace:
// that may belong to others, may be shared by several environments, and has
// room for 256 KiB only.
const (
	// settingsPrefix begins the ConfigMap's name. The dot keeps it apart from
	// the ConfigMaps of deployments, whose names have none.
	settingsPrefix = "flink-environment."
	// environmentLabel has the environment's name, or what tells it apart.
	environmentLabel = "flink-terraform.io/environment"

	nameEntry     = "name"
	settingsEntry = "settings"
	// accessEntry has, for an import, what the settings do not say.
	accessEntry = "operator"

	// largestSettings is what a ConfigMap has room for, less the name
	// (https://kubernetes.io/docs/concepts/configuration/configmap/#motivation).
	largestSettings = 1<<20 - 1<<10
)

// settingsKey is the ConfigMap of an environment.
func settingsKey(name, namespace string) kube.Key {
	return kube.Key{Namespace: namespace, Name: settingsPrefix + plainName(name)}
}

// plainName is a name as Kubernetes can have it in labels and names of objects:
// the name itself where that is possible, else a fingerprint.
func plainName(name string) string {
	if len(validation.IsDNS1123Label(name)) == 0 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "x-" + hex.EncodeToString(sum[:16])
}

// access is the JSON of accessEntry.
type access struct {
	ServiceAccount string            `json:"service_account,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"`
}

func settingsOf(want platform.Environment) (*unstructured.Unstructured, error) {
	own, err := json.Marshal(access{want.ServiceAccount, want.Labels})
	if err != nil {
		return nil, fmt.Errorf("encode what the environment %q has: %w", want.Name, err)
	}
	o := &unstructured.Unstructured{Object: map[string]any{
		"data": map[string]any{nameEntry: want.Name, settingsEntry: want.Settings, accessEntry: string(own)},
	}}
	o.SetAPIVersion(configMapKind.GroupVersion().String())
	o.SetKind(configMapKind.Kind)
	key := settingsKey(want.Name, want.Namespace)
	o.SetNamespace(key.Namespace)
	o.SetName(key.Name)
	labels := map[string]string{managedByLabel: kube.FieldManager}
	maps.Copy(labels, want.Labels)
	labels[environmentLabel] = plainName(want.Name)
	o.SetLabels(labels)
	return o, nil
}

// foundIn returns the environment whose settings a ConfigMap has; nil for one of
// others.
func foundIn(object *unstructured.Unstructured) *platform.FoundEnvironment {
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	if data[nameEntry] == "" {
		return nil
	}
	found := &platform.FoundEnvironment{Name: data[nameEntry], Namespace: object.GetNamespace(), Settings: data[settingsEntry]}
	var own access
	if text, ok := data[accessEntry]; ok && json.Unmarshal([]byte(text), &own) == nil {
		found.Access = &platform.Access{ServiceAccount: own.ServiceAccount, Labels: own.Labels}
	}
	return found
}

// keepSettings leaves the settings in the namespace. What cannot be kept is no
// failure of the environment: unkept then says why.
func (e *Environments) keepSettings(ctx context.Context, want platform.Environment) (kept *string, unkept, err error) {
	if want.Name == "" {
		return nil, nil, nil
	}
	if len(want.Settings) > largestSettings {
		return nil, fmt.Errorf("the settings have %d KiB, and a ConfigMap has room for 1,024", len(want.Settings)>>10), nil
	}
	object, err := settingsOf(want)
	if err != nil {
		return nil, nil, err
	}
	// Nobody else has any business in it.
	_, err = e.cluster.Apply(ctx, configMapKind, object, kube.ApplyOptions{Force: true})
	var denied *kube.DeniedError
	if errors.As(err, &denied) {
		return nil, err, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return &want.Settings, nil, nil
}

// begin has the ConfigMap of an environment say that it is being created in a
// namespace of others: a second one of its name would take its settings. It has
// no settings yet, so that nobody finds the environment. It tells whether a
// create that was killed had begun it.
func (e *Environments) begin(ctx context.Context, want platform.Environment, mark creation) (inherited bool, err error) {
	if err := e.hasNamespace(ctx, want); err != nil || want.Name == "" {
		return false, err
	}
	empty, err := settingsOf(want)
	if err != nil {
		return false, err
	}
	delete(empty.Object, "data")
	annotate(empty, creationAnnotation, mark.String())
	_, err = e.cluster.Create(ctx, configMapKind, empty)
	var exists *kube.ExistsError
	var denied *kube.DeniedError
	switch {
	case errors.As(err, &denied):
		return false, nil
	case errors.As(err, &exists):
		_, err = mark.inherit(ctx, e.cluster, exists, mark.begins)
		return err == nil, err
	}
	return false, err
}

// giveUp takes back what begin has written.
func (e *Environments) giveUp(ctx context.Context, want platform.Environment) error {
	var denied *kube.DeniedError
	if err := e.dropSettings(ctx, want); !errors.As(err, &denied) {
		return err
	}
	return nil
}

// keptSettings returns the settings that are kept of an environment, nil when
// they may not be read.
func (e *Environments) keptSettings(ctx context.Context, want platform.Environment) (*string, error) {
	live, readable, err := e.settings(ctx, want)
	if err != nil || !readable {
		return nil, err
	}
	settings := ""
	if live != nil {
		if found := foundIn(live); found != nil {
			settings = found.Settings
		}
	}
	return &settings, nil
}

// settings returns the ConfigMap of an environment, nil when there is none, and
// whether it may be read.
func (e *Environments) settings(ctx context.Context, want platform.Environment) (live *unstructured.Unstructured, readable bool, err error) {
	if want.Name == "" {
		return nil, false, nil
	}
	live, err = e.cluster.Get(ctx, configMapKind, settingsKey(want.Name, want.Namespace))
	var denied *kube.DeniedError
	switch {
	case isAbsent(err):
		return nil, true, nil
	case errors.As(err, &denied):
		return nil, false, nil
	}
	return live, err == nil, err
}

// dropSettings deletes what keepSettings left.
func (e *Environments) dropSettings(ctx context.Context, want platform.Environment) error {
	live, _, err := e.settings(ctx, want)
	if err != nil || live == nil {
		return err
	}
	key := settingsKey(want.Name, want.Namespace)
	if !kube.HasManager(live) {
		logctx.From(ctx).InfoContext(ctx, "Not deleting what others made", "object", kube.Ref{Kind: configMapKind, Key: key}.String())
		return nil
	}
	return e.cluster.Delete(ctx, configMapKind, key, live.GetUID())
}

// Find returns the environment of a name. Without a namespace it looks into the
// namespace of that name, which is the default of an environment, and then into
// all.
func (e *Environments) Find(ctx context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	if name == "" {
		return e.findIn(ctx, namespace)
	}
	missing := &platform.NoEnvironmentError{Name: name}
	first := namespace
	if first == "" {
		first = name
	}
	if len(validation.IsDNS1123Label(first)) == 0 {
		key := settingsKey(name, first)
		live, err := e.cluster.Get(ctx, configMapKind, key)
		var denied *kube.DeniedError
		switch {
		case isAbsent(err):
			missing.Looked = append(missing.Looked, "there is no ConfigMap "+key.String())
		case errors.As(err, &denied) && namespace == "":
			missing.Looked = append(missing.Looked, err.Error())
		case err != nil:
			return nil, err
		default:
			if found := foundIn(live); found != nil && found.Name == name {
				return found, nil
			}
			missing.Looked = append(missing.Looked, "the ConfigMap "+key.String()+" is of something else")
		}
	}
	if namespace != "" {
		return nil, missing
	}
	return e.findAnywhere(ctx, missing)
}

// findIn looks for the environment of a namespace: that of its name, else the
// only one.
func (e *Environments) findIn(ctx context.Context, namespace string) (*platform.FoundEnvironment, error) {
	objects, err := e.cluster.List(ctx, configMapKind, namespace, environmentLabel)
	if err != nil {
		return nil, err
	}
	missing := &platform.NoEnvironmentError{}
	var only *platform.FoundEnvironment
	for i := range objects {
		found := foundIn(&objects[i])
		switch {
		case found == nil:
		case found.Name == namespace:
			return found, nil
		default:
			only = found
			missing.Names = append(missing.Names, found.Name)
		}
	}
	if len(missing.Names) == 1 {
		return only, nil
	}
	slices.Sort(missing.Names)
	missing.Looked = append(missing.Looked, "no ConfigMap of namespace "+namespace+" has the label "+environmentLabel)
	return nil, missing
}

// findAnywhere looks into all namespaces.
func (e *Environments) findAnywhere(ctx context.Context, missing *platform.NoEnvironmentError) (*platform.FoundEnvironment, error) {
	selector := environmentLabel + "=" + plainName(missing.Name)
	objects, err := e.cluster.List(ctx, configMapKind, "", selector)
	var denied *kube.DeniedError
	if errors.As(err, &denied) {
		missing.Looked = append(missing.Looked, err.Error())
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	var all []*platform.FoundEnvironment
	for i := range objects {
		if found := foundIn(&objects[i]); found != nil && found.Name == missing.Name {
			all = append(all, found)
			missing.Namespaces = append(missing.Namespaces, found.Namespace)
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	slices.Sort(missing.Namespaces)
	missing.Looked = append(missing.Looked, "no namespace has a ConfigMap with the label "+selector)
	return nil, missing
}
