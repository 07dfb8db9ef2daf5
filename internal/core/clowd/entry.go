package clowd

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Place says which entry a specification becomes.
type Place struct {
	// App is the name of the ClowdApp, and Entry that of the entry in it.
	App, Entry string
}

// Deployment is the name of the Kubernetes Deployment that Clowder makes of the entry
// (ClowdApp.GetDeploymentNamespacedName).
func (p Place) Deployment() string { return p.App + "-" + p.Entry }

// JobID is the id of the entry's job in Flink: 32 hexadecimal digits that stay, so that a
// JobManager that starts again finds the checkpoints of the one before.
func (p Place) JobID() string {
	sum := sha256.Sum256([]byte(p.App + "/" + p.Entry))
	return hex.EncodeToString(sum[:16])
}

// Names of what an entry's container has beside what a specification says.
const (
	envNamespace  = "FLINK_NAMESPACE"
	envProperties = "FLINK_PROPERTIES"
	envAddress    = "JOB_MANAGER_RPC_ADDRESS"
)

// ownEnv are the variables of the provider's own.
var ownEnv = []string{envNamespace, envProperties, envAddress}

// Keys that the provider fills in.
const (
	keyManagerMemory = "jobmanager.memory.process.size"
	keyWorkerMemory  = "taskmanager.memory.process.size"
	keySlots         = "taskmanager.numberOfTaskSlots"
	keyParallelism   = "parallelism.default"
	keyClusterID     = "kubernetes.cluster-id"
	keyNamespace     = "kubernetes.namespace"
	keyStorage       = "high-availability.storageDir"
)

// accessEdit is the level of access of the service account that Clowder makes: high
// availability writes ConfigMaps.
const accessEdit = "edit"

// Entry returns the entry of ClowdApp.spec.deployments that a specification comes to: what it
// says and nothing more. An error names what there are no words for; Validate finds the same
// before.
func Entry(place Place, spec flink.DeploymentSpec) (flink.Tree, error) {
	pod, err := podSpec(place, spec)
	if err != nil {
		return nil, err
	}
	replicas := json.Number("1")
	if stopped(spec) {
		replicas = "0"
	}
	out := flink.Tree{
		"name": place.Entry, "replicas": replicas, "podSpec": pod,
		// Two JobManagers of one job would both write its state.
		"deploymentStrategy": flink.Tree{"privateStrategy": "Recreate"},
	}
	if Keeps(spec) {
		out["k8sAccessLevel"] = accessEdit
	}
	return out, nil
}

// stopped tells whether a specification wants no job to run.
func stopped(spec flink.DeploymentSpec) bool {
	return spec.Job != nil && ptr.Deref(spec.Job.State, flink.JobRunning) != flink.JobRunning
}

// Keeps tells whether a job finds its state again when its pod is started anew: Flink's high
// availability remembers its newest checkpoint.
func Keeps(spec flink.DeploymentSpec) bool { return flink.HasHighAvailability(spec.FlinkConfiguration) }

func podSpec(place Place, spec flink.DeploymentSpec) (flink.Tree, error) {
	out, err := podParts(spec)
	if err != nil {
		return nil, err
	}
	set(out, "image", ptr.Deref(spec.Image, ""))
	properties, err := Properties(place, spec)
	if err != nil {
		return nil, err
	}
	env := []any{
		flink.Tree{"name": envNamespace, "valueFrom": flink.Tree{"fieldRef": flink.Tree{"apiVersion": "v1", "fieldPath": "metadata.namespace"}}},
		flink.Tree{"name": envAddress, "value": "localhost"},
		flink.Tree{"name": envProperties, "value": propertiesText(properties)},
	}
	out["env"] = append(env, listAt(out, "env")...)
	out["command"] = texts(command...)
	out["args"] = texts(arguments(place, spec)...)
	if requests := resources(spec); len(requests) > 0 {
		out["resources"] = flink.Tree{"requests": requests, "limits": requests}
	}
	out["readinessProbe"], out["livenessProbe"] = readiness(spec), liveness(spec)
	return out, nil
}

// Properties are the configuration of a job: what its specification says, and what the
// provider fills in.
func Properties(place Place, spec flink.DeploymentSpec) (map[string]string, error) {
	out := map[string]string{}
	for key, value := range spec.FlinkConfiguration {
		if value != nil {
			out[key] = *value
		}
	}
	fill := func(key, value string) {
		if _, said := spec.FlinkConfiguration.Get(key); !said {
			out[key] = value
		}
	}
	for key, said := range map[string]*flink.Resource{keyManagerMemory: managerSize(spec), keyWorkerMemory: workerSize(spec)} {
		if said == nil || said.Memory == nil {
			continue
		}
		bytes, err := flink.ParseMemory(*said.Memory)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = strconv.FormatInt(bytes, 10) + "b"
	}
	if spec.Job != nil && spec.Job.Parallelism != nil {
		parallelism := strconv.FormatInt(*spec.Job.Parallelism, 10)
		out[keyParallelism] = parallelism
		fill(keySlots, parallelism)
	}
	if Keeps(spec) {
		fill(keyClusterID, place.Deployment())
		out[keyNamespace] = "$(" + envNamespace + ")"
	}
	return out, nil
}

// propertiesText is the text of FLINK_PROPERTIES, of which the entry point of Flink's images
// makes the configuration file.
func propertiesText(properties map[string]string) string {
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		value := properties[key]
		if key != keyNamespace {
			value = escaped(value)
		}
		out.WriteString(key + ": " + value + "\n")
	}
	return out.String()
}

// propertiesOf reads what propertiesText wrote.
func propertiesOf(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			out[key] = unescaped(strings.TrimSpace(value))
		}
	}
	return out
}

// escaped has Kubernetes, which puts the value of a variable in the place of $(NAME), leave a
// text alone.
func escaped(text string) string { return strings.ReplaceAll(text, "$", "$$") }

func unescaped(text string) string { return strings.ReplaceAll(text, "$$", "$") }

// resources are the requests of the one container: those of JobManager and TaskManager
// together, as Kubernetes writes them.
func resources(spec flink.DeploymentSpec) flink.Tree {
	var cpu float64
	var memory int64
	for _, size := range []*flink.Resource{managerSize(spec), workerSize(spec)} {
		if size == nil {
			continue
		}
		cpu += ptr.Deref(size.CPU, 0)
		if bytes, err := flink.ParseMemory(ptr.Deref(size.Memory, "")); err == nil {
			memory += bytes
		}
	}
	const milli = 1000
	out := flink.Tree{}
	if cpu > 0 {
		out["cpu"] = resource.NewMilliQuantity(int64(cpu*milli+0.5), resource.DecimalSI).String()
	}
	if memory > 0 {
		out["memory"] = resource.NewQuantity(memory, resource.BinarySI).String()
	}
	return out
}

func managerSize(spec flink.DeploymentSpec) *flink.Resource {
	if spec.JobManager == nil {
		return nil
	}
	return spec.JobManager.Resource
}

func workerSize(spec flink.DeploymentSpec) *flink.Resource {
	if spec.TaskManager == nil {
		return nil
	}
	return spec.TaskManager.Resource
}

// texts is a list of a tree.
func texts(all ...string) []any {
	out := make([]any, len(all))
	for i, text := range all {
		out[i] = text
	}
	return out
}

// scalar is the text of a string or a number.
func scalar(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case int64:
		return strconv.FormatInt(value, 10), true
	}
	return "", false
}
