package environment

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file has what an environment is on Clowder: a ClowdEnvironment, which is in no namespace and
// says how the requests of its applications are met.

// onClowder is the platform's name.
const onClowder = "clowder"

// clowderModel is the attribute clowder. What has a mode is a provider of the ClowdEnvironment.
type clowderModel struct {
	CreateNamespace  *bool              `tfsdk:"create_namespace"`
	Labels           map[string]string  `tfsdk:"labels"`
	Kafka            *clowderKafkaModel `tfsdk:"kafka"`
	DB               *clowderModeModel  `tfsdk:"db"`
	ObjectStore      *clowderModeModel  `tfsdk:"object_store"`
	InMemoryDB       *clowderModeModel  `tfsdk:"in_memory_db"`
	Logging          *clowderModeModel  `tfsdk:"logging"`
	Metrics          *clowderPortModel  `tfsdk:"metrics"`
	Web              *clowderWebModel   `tfsdk:"web"`
	Providers        flink.Document     `tfsdk:"providers"`
	ResourceDefaults flink.Document     `tfsdk:"resource_defaults"`
}

type clowderModeModel struct {
	Mode *string `tfsdk:"mode"`
}

type clowderPortModel struct {
	Mode *string `tfsdk:"mode"`
	Port *int64  `tfsdk:"port"`
	Path *string `tfsdk:"path"`
}

type clowderWebModel struct {
	Mode        *string `tfsdk:"mode"`
	Port        *int64  `tfsdk:"port"`
	PrivatePort *int64  `tfsdk:"private_port"`
	APIPrefix   *string `tfsdk:"api_prefix"`
}

type clowderKafkaModel struct {
	Mode           *string              `tfsdk:"mode"`
	Cluster        *clowderClusterModel `tfsdk:"cluster"`
	ManagedSecret  *clowderSecretModel  `tfsdk:"managed_secret"`
	ManagedPrefix  *string              `tfsdk:"managed_prefix"`
	TopicNamespace *string              `tfsdk:"topic_namespace"`
}

type clowderClusterModel struct {
	Name        *string           `tfsdk:"name"`
	Namespace   *string           `tfsdk:"namespace"`
	Replicas    *int64            `tfsdk:"replicas"`
	Version     *string           `tfsdk:"version"`
	StorageSize *string           `tfsdk:"storage_size"`
	Config      map[string]string `tfsdk:"config"`
}

type clowderSecretModel struct {
	Name      *string `tfsdk:"name"`
	Namespace *string `tfsdk:"namespace"`
}

// Modes that a provider has where nothing is said of it, and the ports of Clowder's own example.
const (
	modeNone    = "none"
	webPort     = 8000
	metricsPort = 9000
)

// given puts what is given into a tree.
func given(into flink.Tree, values map[string]*string) flink.Tree {
	for field, value := range values {
		if value != nil {
			into[field] = *value
		}
	}
	return into
}

func numbers(into flink.Tree, values map[string]*int64) flink.Tree {
	for field, value := range values {
		if value != nil {
			into[field] = json.Number(strconv.FormatInt(*value, 10))
		}
	}
	return into
}

// mode is a provider with a mode, none where nothing is said.
func (m *clowderModeModel) mode() flink.Tree {
	if m == nil {
		return flink.Tree{"mode": modeNone}
	}
	return flink.Tree{"mode": ptr.Deref(m.Mode, modeNone)}
}

func (m *clowderKafkaModel) tree() flink.Tree {
	if m == nil {
		return flink.Tree{"mode": modeNone}
	}
	out := given(flink.Tree{}, map[string]*string{"mode": m.Mode, "managedPrefix": m.ManagedPrefix, "topicNamespace": m.TopicNamespace})
	if s := m.ManagedSecret; s != nil {
		out["managedSecretRef"] = given(flink.Tree{}, map[string]*string{"name": s.Name, "namespace": s.Namespace})
	}
	if c := m.Cluster; c != nil {
		cluster := numbers(given(flink.Tree{}, map[string]*string{"name": c.Name, "namespace": c.Namespace, "version": c.Version, "storageSize": c.StorageSize}), map[string]*int64{"replicas": c.Replicas})
		if len(c.Config) > 0 {
			config := flink.Tree{}
			for key, value := range c.Config {
				config[key] = value
			}
			cluster["config"] = config
		}
		out["cluster"] = cluster
	}
	return out
}

// specification is the spec of the ClowdEnvironment without its target namespace: the typed parts, and
// over them what is given as text.
func (m *clowderModel) specification() flink.Tree {
	web, metrics := ptr.Deref(m.Web, clowderWebModel{}), ptr.Deref(m.Metrics, clowderPortModel{})
	providers := flink.Tree{
		"kafka": m.Kafka.tree(), "db": m.DB.mode(), "objectStore": m.ObjectStore.mode(), "inMemoryDb": m.InMemoryDB.mode(), "logging": m.Logging.mode(),
		"metrics": numbers(given(flink.Tree{"mode": modeNone, "port": json.Number(strconv.Itoa(metricsPort))}, map[string]*string{"mode": metrics.Mode, "path": metrics.Path}), map[string]*int64{"port": metrics.Port}),
		"web": numbers(given(flink.Tree{"mode": modeNone, "port": json.Number(strconv.Itoa(webPort))}, map[string]*string{"mode": web.Mode, "apiPrefix": web.APIPrefix}),
			map[string]*int64{"port": web.Port, "privatePort": web.PrivatePort}),
	}
	resources := flink.Tree{}
	if len(m.ResourceDefaults) > 0 {
		resources = flink.Tree(m.ResourceDefaults)
	}
	return flink.Tree{"providers": over(providers, flink.Tree(m.Providers)), "resourceDefaults": resources}
}

// over is a tree with another one merged over it, key by key.
func over(below, above flink.Tree) flink.Tree {
	out := maps.Clone(below)
	for key, value := range above {
		inside, isTree := value.(flink.Tree)
		under, alsoTree := out[key].(flink.Tree)
		if isTree && alsoTree {
			value = over(under, inside)
		}
		out[key] = value
	}
	return out
}

// onClowd is the attribute clowder with nothing in it where it is left out; ok is false on other platforms.
func (m *model) onClowd() (block *clowderModel, ok bool) {
	if ptr.Deref(m.Platform, "") != onClowder {
		return nil, false
	}
	if m.Clowder == nil {
		return &clowderModel{}, true
	}
	return m.Clowder, true
}

// wantClowder puts into an environment what only this platform has.
func (m *model) wantClowder(want *platform.Environment) {
	if block, ok := m.onClowd(); ok {
		want.Labels, want.Specification = block.Labels, block.specification()
	}
}

// kafkaOf is what stream applications are told of Kafka in an environment of a platform, nil for nothing.
// On Clowder the environment itself decides about topics and brokers.
func (m *said) kafkaOf(on, namespace string) (*defaults.Kafka, diag.Diagnostics) {
	if on != onClowder {
		return m.Kafka.settings(namespace)
	}
	if m.Kafka != nil {
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("kafka"), "Clowder says where the topics are",
			"The ClowdEnvironment decides who makes topics, and tells pods where the brokers are. Remove kafka, and say in clowder.kafka which mode it has.")}
	}
	return &defaults.Kafka{Provider: defaults.KafkaEnvironment, Cluster: m.Name}, nil
}

// takeClowder fills in what an import has found. What the typed parts do not hold is in providers.
func (m *model) takeClowder(found *platform.FoundEnvironment) {
	block := clowderModel{CreateNamespace: new(found.CreateNamespace)}
	if found.CreateNamespace {
		block.CreateNamespace = nil
	}
	if found.Access != nil && len(found.Access.Labels) > 0 {
		block.Labels = found.Access.Labels
	}
	providers, _ := found.Specification["providers"].(flink.Tree)
	text := func(part string) *clowderModeModel {
		inside, _ := providers[part].(flink.Tree)
		if mode, ok := inside["mode"].(string); ok && mode != modeNone && len(inside) == 1 {
			return &clowderModeModel{Mode: &mode}
		}
		return nil
	}
	block.DB, block.ObjectStore, block.InMemoryDB, block.Logging = text("db"), text("objectStore"), text("inMemoryDb"), text("logging")
	if kafka, ok := providers["kafka"].(flink.Tree); ok {
		if mode, _ := kafka["mode"].(string); mode != modeNone && mode != "" {
			block.Kafka = &clowderKafkaModel{Mode: &mode}
		}
	}
	if resources, ok := found.Specification["resourceDefaults"].(flink.Tree); ok && len(resources) > 0 {
		block.ResourceDefaults = flink.Document(resources)
	}
	typed, _ := block.specification()["providers"].(flink.Tree)
	if rest := beyond(providers, typed); len(rest) > 0 {
		block.Providers = flink.Document(rest)
	}
	m.Clowder = &block
}

// beyond is what a tree has that another one has not, or has otherwise.
func beyond(tree, other flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		inside, isTree := value.(flink.Tree)
		under, alsoTree := other[key].(flink.Tree)
		switch {
		case isTree && alsoTree:
			if part := beyond(inside, under); len(part) > 0 {
				out[key] = part
			}
		case fmt.Sprint(value) != fmt.Sprint(other[key]):
			out[key] = value
		}
	}
	return out
}
