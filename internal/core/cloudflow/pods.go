package cloudflow

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// This file makes of a pod template what Cloudflow can set of the pods of a streamlet: the object
// kubernetes.pods.pod of its configuration (CloudflowConfig). One wrong key in it has the operator ignore all
// of it, so what it does not have is a finding.

// pods is a pod on its way.
type pods struct {
	labels, annotations, volumes, mounts tree
	env, ports                           []any
	resources                            tree

	findings []flink.Finding
}

// PodsOf returns the pods of a streamlet in the words of Cloudflow, and what cannot be said in them.
func PodsOf(spec flink.DeploymentSpec) (map[string]any, []flink.Finding) {
	p := &pods{labels: tree{}, annotations: tree{}, volumes: tree{}, mounts: tree{}, resources: tree{}}
	p.template(flink.Path{"podTemplate"}, spec.PodTemplate)
	if manager := spec.TaskManager; manager != nil {
		p.size(manager)
	}
	if spec.RestartNonce != nil {
		p.annotations["restart-nonce"] = strconv.FormatInt(*spec.RestartNonce, 10)
	}
	return p.tree(), p.findings
}

func (p *pods) tree() map[string]any {
	container := tree{}
	for key, value := range map[string]tree{"volume-mounts": p.mounts, "resources": p.resources} {
		if len(value) > 0 {
			container[key] = value
		}
	}
	for key, value := range map[string][]any{"env": p.env, "ports": p.ports} {
		if len(value) > 0 {
			container[key] = value
		}
	}
	out := tree{}
	for key, value := range map[string]tree{"labels": p.labels, "annotations": p.annotations, "volumes": p.volumes} {
		if len(value) > 0 {
			out[key] = value
		}
	}
	if len(container) > 0 {
		out["containers"] = tree{"container": container}
	}
	return out
}

func (p *pods) refuse(at flink.Path, what, remedy string) {
	p.findings = append(p.findings, flink.Finding{
		Path: at, Severity: flink.Error, Summary: "Cloudflow cannot set " + what + " of the pods of a streamlet",
		Detail: "Its configuration has labels, annotations, volumes of Secrets, ConfigMaps and claims, and of one container variables, ports, resources and mounts. " + remedy,
	})
}

const leaveOut = "Leave it out."

// only refuses the fields of an object that are not among the known ones.
func (p *pods) only(at flink.Path, of map[string]any, known ...string) {
	for _, key := range sortedKeys(of) {
		if !slices.Contains(known, key) {
			p.refuse(at, strings.Join(append(slices.Clone(at[1:]), key), "."), leaveOut)
		}
	}
}

func (p *pods) template(at flink.Path, template flink.Document) {
	p.only(at, template, "metadata", "spec", "apiVersion", "kind")
	metadata, spec := part(template, "metadata"), part(template, "spec")
	p.only(below(at, "metadata"), metadata, "labels", "annotations", "name")
	p.texts(below(at, "metadata", "labels"), part(metadata, "labels"), p.labels)
	p.texts(below(at, "metadata", "annotations"), part(metadata, "annotations"), p.annotations)
	p.only(below(at, "spec"), spec, "containers", "volumes")
	mounted := p.containers(below(at, "spec", "containers"), items(spec["containers"]))
	for i, item := range items(spec["volumes"]) {
		volume, _ := item.(map[string]any)
		p.volume(below(at, "spec", "volumes", strconv.Itoa(i)), volume, mounted)
	}
}

// keyPattern is what Cloudflow takes as the key of a label or an annotation: its prefix has no hyphens.
var keyPattern = regexp.MustCompile(`^([a-z][a-z0-9.]*/)?[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)

// ownPrefix begins what the provider says on pods for itself.
const ownPrefix = "flink-terraform.io/"

func (p *pods) texts(at flink.Path, from map[string]any, to tree) {
	for _, key := range sortedKeys(from) {
		switch value, isText := from[key].(string); {
		case strings.HasPrefix(key, ownPrefix):
		case !isText || !keyPattern.MatchString(key):
			p.refuse(below(at, key), fmt.Sprintf("%s[%q]", at[len(at)-1], key), "A key may have a prefix of lower case letters, digits and dots, without hyphens.")
		default:
			to[key] = value
		}
	}
}

// mount is where a container has a volume.
type mount struct {
	at       string
	readOnly bool
	subPath  string
}

// containers reads the one container, and returns its mounts by volume.
func (p *pods) containers(at flink.Path, all []any) map[string]mount {
	out := map[string]mount{}
	for i, item := range all {
		container, _ := item.(map[string]any)
		here := below(at, strconv.Itoa(i))
		if container["name"] != flink.MainContainer {
			p.refuse(here, fmt.Sprintf("the container %v", container["name"]), fmt.Sprintf("Only %s, which is the streamlet's, can be set.", flink.MainContainer))
			continue
		}
		p.only(here, container, "name", "env", "ports", "resources", "volumeMounts")
		for j, item := range items(container["env"]) {
			variable, _ := item.(map[string]any)
			if _, isText := variable["value"].(string); !isText {
				p.refuse(below(here, "env", strconv.Itoa(j)), fmt.Sprintf("the variable %v", variable["name"]), "Give it a value. For one from a Secret use config_secrets, and read the file.")
				continue
			}
			p.env = append(p.env, tree{"name": variable["name"], "value": variable["value"]})
		}
		for _, item := range items(container["ports"]) {
			port, _ := item.(map[string]any)
			said := tree{}
			for key, name := range map[string]string{"containerPort": "container-port", "protocol": "protocol", "name": "name", "hostIP": "host-ip", "hostPort": "host-port"} {
				if value, has := port[key]; has {
					said[name] = value
				}
			}
			p.ports = append(p.ports, said)
		}
		resources := part(container, "resources")
		p.amounts("requests", part(resources, "requests"))
		p.amounts("limits", part(resources, "limits"))
		for j, item := range items(container["volumeMounts"]) {
			m, _ := item.(map[string]any)
			name, _ := m["name"].(string)
			if _, twice := out[name]; twice {
				p.refuse(below(here, "volumeMounts", strconv.Itoa(j)), fmt.Sprintf("a second mount of the volume %q", name), "Mount it once.")
				continue
			}
			to, _ := m["mountPath"].(string)
			readOnly, _ := m["readOnly"].(bool)
			sub, _ := m["subPath"].(string)
			out[name] = mount{to, readOnly, sub}
		}
	}
	return out
}

func (p *pods) amounts(name string, from map[string]any) {
	for _, key := range sortedKeys(from) {
		p.amount(name, key, fmt.Sprint(from[key]))
	}
}

func (p *pods) amount(name, key, value string) {
	to, _ := p.resources[name].(tree)
	if to == nil {
		to = tree{}
		p.resources[name] = to
	}
	to[key] = value
}

// size is that of task_manager, which is the streamlet's.
func (p *pods) size(manager *flink.TaskManager) {
	if r := manager.Resource; r != nil {
		for _, name := range []string{"requests", "limits"} {
			if r.CPU != nil {
				p.amount(name, "cpu", strconv.FormatFloat(*r.CPU, 'f', -1, 64))
			}
			if r.Memory != nil {
				p.amount(name, "memory", quantity(*r.Memory))
			}
		}
	}
	if r := manager.Resources; r != nil {
		for name, amounts := range map[string]flink.Amounts{"requests": r.Requests, "limits": r.Limits} {
			for key, value := range amounts {
				if key == "memory" {
					value = quantity(value)
				}
				p.amount(name, key, value)
			}
		}
	}
}

// quantity is a memory size in Kubernetes' words, where Flink's are others.
func quantity(memory string) string {
	bytes, err := flink.ParseMemorySize(memory)
	if err != nil {
		return memory
	}
	return strconv.FormatInt(bytes, 10)
}

func (p *pods) volume(at flink.Path, volume map[string]any, mounted map[string]mount) {
	name, _ := volume["name"].(string)
	to := mounted[name]
	said := tree{}
	switch {
	case volume["projected"] != nil:
		p.projected(at, name, part(volume, "projected"), to)
		return
	case volume["secret"] != nil:
		secret := part(volume, "secret")
		p.only(below(at, "secret"), secret, "secretName")
		said["secret"] = tree{"name": secret["secretName"]}
	case volume["configMap"] != nil:
		of := part(volume, "configMap")
		p.only(below(at, "configMap"), of, "name", "optional", "items")
		configMap := tree{"name": of["name"]}
		if optional, has := of["optional"]; has {
			configMap["optional"] = optional
		}
		if all := items(of["items"]); len(all) > 0 {
			paths := tree{}
			for _, item := range all {
				i, _ := item.(map[string]any)
				paths[fmt.Sprint(i["key"])] = tree{"path": i["path"]}
			}
			configMap["items"] = paths
		}
		said["config-map"] = configMap
	case volume["persistentVolumeClaim"] != nil:
		of := part(volume, "persistentVolumeClaim")
		readOnly, _ := of["readOnly"].(bool)
		said["pvc"] = tree{"name": of["claimName"], "read-only": readOnly}
	default:
		p.refuse(at, fmt.Sprintf("the volume %q", name), "Take one of a Secret, a ConfigMap or a claim.")
		return
	}
	p.put(name, said, to)
}

func (p *pods) put(name string, volume tree, at mount) {
	p.volumes[name] = volume
	if at.at == "" {
		return
	}
	m := tree{"mount-path": at.at, "read-only": at.readOnly}
	if at.subPath != "" {
		m["subPath"] = at.subPath
	}
	p.mounts[name] = m
}

// projected takes a volume of several Secrets apart, which Cloudflow does not have: each is mounted where its files
// are. A file at the top is mounted by itself, as no mount may lie within another one.
func (p *pods) projected(at flink.Path, name string, projected map[string]any, to mount) {
	mounted := map[string]bool{}
	for i, item := range items(projected["sources"]) {
		source, _ := item.(map[string]any)
		secret := part(source, "secret")
		from, _ := secret["name"].(string)
		if from == "" {
			p.refuse(at, fmt.Sprintf("the volume %q", name), "Take one of a Secret, a ConfigMap or a claim.")
			return
		}
		for _, file := range items(secret["items"]) {
			f, _ := file.(map[string]any)
			key, _ := f["key"].(string)
			where, _ := f["path"].(string)
			as := mount{at: path.Join(to.at, path.Dir(where)), readOnly: true}
			if path.Base(where) != key {
				p.refuse(at, fmt.Sprintf("the file %q", where), "Give it the name that the key has.")
				continue
			}
			if path.Dir(where) == "." {
				as.at, as.subPath = path.Join(to.at, where), key
			}
			if mounted[as.at] {
				continue
			}
			mounted[as.at] = true
			p.put(fmt.Sprintf("%s-%d", name, i), tree{"secret": tree{"name": from}}, as)
		}
	}
}

func items(of any) []any {
	out, _ := of.([]any)
	return out
}

func below(at flink.Path, steps ...string) flink.Path { return append(slices.Clone(at), steps...) }
