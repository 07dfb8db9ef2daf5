package fko

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// component is the JobManager or the TaskManager as the rules of sizes see it.
type component struct {
	field     string // wire name
	title     string
	resource  *flink.Resource
	resources *flink.Resources
}

func (d deployment) jobManager() component {
	c := component{field: "jobManager", title: "JobManager"}
	if jm := d.spec.JobManager; jm != nil {
		c.resource, c.resources = jm.Resource, jm.Resources
	}
	return c
}

func (d deployment) taskManager() component {
	c := component{field: "taskManager", title: "TaskManager"}
	if tm := d.spec.TaskManager; tm != nil {
		c.resource, c.resources = tm.Resource, tm.Resources
	}
	return c
}

// memoryGiven tells whether a resource says the memory.
func (c component) memoryGiven() bool {
	if c.resource != nil && c.resource.Memory != nil && flink.TrimBlanks(*c.resource.Memory) != "" {
		return true
	}
	if c.resources == nil {
		return false
	}
	_, requested := c.resources.Requests["memory"]
	_, limited := c.resources.Limits["memory"]
	return requested || limited
}

func (c component) memoryMissing(keys string) []flink.Finding {
	path := flink.Path{c.field, "resource", "memory"}
	return warning(path, fmt.Sprintf("The memory of the %s is missing", c.title),
		fmt.Sprintf("The operator refuses the deployment unless its own configuration gives %s. Set %s, for example \"2g\".", keys, path.Attribute()))
}

// jobManagerMemory follows JobManagerProcessUtils: one of these keys is enough to
// derive the rest.
func jobManagerMemory(d deployment) []flink.Finding {
	c := d.jobManager()
	if c.memoryGiven() || d.anyKey("jobmanager.memory.process.size", "jobmanager.memory.flink.size",
		"jobmanager.memory.heap.size", "jobmanager.heap.size", "jobmanager.heap.mb") {
		return nil
	}
	return c.memoryMissing("jobmanager.memory.process.size")
}

// taskManagerMemory follows TaskExecutorProcessUtils: the heap of tasks alone is
// not enough, it needs the managed memory beside it.
func taskManagerMemory(d deployment) []flink.Finding {
	c := d.taskManager()
	if c.memoryGiven() || d.anyKey("taskmanager.memory.process.size", "taskmanager.memory.flink.size",
		"taskmanager.heap.size", "taskmanager.heap.mb") ||
		d.anyKey("taskmanager.memory.task.heap.size") && d.anyKey("taskmanager.memory.managed.size") {
		return nil
	}
	return c.memoryMissing("taskmanager.memory.process.size")
}

// anyKey tells whether one of some keys is given that the Flink version still knows:
// Flink 2.0 ignores the former ones of the heap.
func (d deployment) anyKey(keys ...string) bool {
	for _, key := range keys {
		if name, _, ok := d.config.Lookup(key); ok && flink.ReaderOf(d.version).Knows(name) {
			return true
		}
	}
	return false
}

func jobManagerSize(d deployment) []flink.Finding { return d.jobManager().size() }

func taskManagerSize(d deployment) []flink.Finding { return d.taskManager().size() }

// size checks the older and the newer form of a component's size.
func (c component) size() []flink.Finding {
	var findings []flink.Finding
	if c.resource != nil && c.resources != nil && len(c.resources.Requests)+len(c.resources.Limits) > 0 {
		path := flink.Path{c.field, "resources"}
		findings = fault(path, fmt.Sprintf("The %s has its size twice", c.title),
			fmt.Sprintf("The operator would ignore one of the two. Keep either %s or %s.", flink.Path{c.field, "resource"}.Attribute(), path.Attribute()))
	}
	if c.resource != nil {
		findings = append(findings, c.oldSize()...)
	}
	if c.resources != nil {
		findings = append(findings, c.amounts("requests", c.resources.Requests)...)
		findings = append(findings, c.amounts("limits", c.resources.Limits)...)
		findings = append(findings, c.requestAboveLimit("cpu")...)
		findings = append(findings, c.requestAboveLimit("memory")...)
		findings = append(findings, c.limitOfMemory()...)
	}
	return findings
}

func (c component) oldSize() []flink.Finding {
	var findings []flink.Finding
	if memory := c.resource.Memory; memory != nil {
		if _, err := flink.ParseMemory(*memory); err != nil {
			findings = append(findings, notAnAmount(flink.Path{c.field, "resource", "memory"}, "memory", *memory, "a memory size such as \"2g\", \"2048m\" or \"2Gi\"")...)
		}
	}
	if storage := c.resource.EphemeralStorage; storage != nil {
		if _, err := flink.ParseQuantity(*storage); err != nil {
			findings = append(findings, notAnAmount(flink.Path{c.field, "resource", "ephemeralStorage"}, "ephemeral storage", *storage, "a Kubernetes quantity such as \"2Gi\"")...)
		}
	}
	// The operator checks nothing here and deploys 0, which requests no CPU; Kubernetes
	// refuses pods with less.
	if cpu := c.resource.CPU; cpu != nil && *cpu < 0 {
		path := flink.Path{c.field, "resource", "cpu"}
		findings = append(findings, fault(path, fmt.Sprintf("%v is not an amount of CPU", *cpu),
			fmt.Sprintf("Set %s to the number of cores, for example 0.5 or 2.", path.Attribute()))...)
	}
	return findings
}

func notAnAmount(path flink.Path, of, text, expected string) []flink.Finding {
	return fault(path, fmt.Sprintf("%q is not an amount of %s", text, of),
		fmt.Sprintf("Set %s to %s.", path.Attribute(), expected))
}

// amounts checks requests or limits: CPU and memory above 0, others not below.
func (c component) amounts(section string, amounts map[string]string) []flink.Finding {
	var findings []flink.Finding
	for _, name := range sortedKeys(amounts) {
		text := amounts[name]
		path := flink.Path{c.field, "resources", section, name}
		sign, err := amountSign(name, text)
		switch {
		case err != nil && name == "memory":
			findings = append(findings, notAnAmount(path, name, text, "a Kubernetes quantity such as \"2Gi\" or \"512Mi\"")...)
		case err != nil:
			findings = append(findings, notAnAmount(path, name, text, "a Kubernetes quantity such as \"500m\" or \"2Gi\"")...)
		case sign < 0:
			findings = append(findings, notAnAmount(path, name, text, "an amount that is not negative")...)
		case sign == 0 && (name == "memory" || name == "cpu"):
			findings = append(findings, notAnAmount(path, name, text, "an amount above 0")...)
		case name == "memory":
			findings = append(findings, notAQuantity(path, text)...)
		}
	}
	return findings
}

func amountSign(name, text string) (int, error) {
	if name == "memory" {
		size, err := flink.ParseMemory(text)
		return min(1, int(min(size, 1))), err
	}
	quantity, err := flink.ParseQuantity(text)
	return quantity.Sign(), err
}

func (c component) requestAboveLimit(name string) []flink.Finding {
	request, requested := c.resources.Requests[name]
	limit, limited := c.resources.Limits[name]
	if !requested || !limited || compareAmounts(name, request, limit) <= 0 {
		return nil
	}
	path := flink.Path{c.field, "resources", "requests", name}
	return fault(path, fmt.Sprintf("The %s requests more %s than its limit", c.title, strings.Replace(name, "cpu", "CPU", 1)),
		fmt.Sprintf("The request is %s, the limit %s. Lower %s or raise %s.", request, limit, path.Attribute(), flink.Path{c.field, "resources", "limits", name}.Attribute()))
}

// compareAmounts compares two amounts; those that cannot be read are told
// elsewhere and count as equal.
func compareAmounts(name, a, b string) int {
	if name == "memory" {
		first, errFirst := flink.ParseMemory(a)
		second, errSecond := flink.ParseMemory(b)
		if errFirst != nil || errSecond != nil || first == second {
			return 0
		}
		if first < second {
			return -1
		}
		return 1
	}
	first, errFirst := flink.ParseQuantity(a)
	second, errSecond := flink.ParseQuantity(b)
	if errFirst != nil || errSecond != nil {
		return 0
	}
	return first.Cmp(second)
}

func jobManagerReplicas(d deployment) []flink.Finding {
	if d.spec.JobManager == nil || d.spec.JobManager.Replicas == nil {
		return nil
	}
	path := flink.Path{"jobManager", "replicas"}
	replicas := *d.spec.JobManager.Replicas
	switch {
	case replicas < 1:
		return fault(path, fmt.Sprintf("%d JobManagers are too few", replicas), "Set job_manager.replicas to 1 or more.")
	case replicas > 1 && !flink.HasHighAvailability(d.config):
		return warning(path, "Standby JobManagers need high availability",
			highAvailabilityAdvice(d)+" Or set job_manager.replicas = 1.")
	}
	return nil
}

func taskManagerReplicas(d deployment) []flink.Finding {
	tm := d.spec.TaskManager
	if tm == nil || tm.Replicas == nil || *tm.Replicas >= 1 {
		return nil
	}
	return fault(flink.Path{"taskManager", "replicas"}, fmt.Sprintf("%d TaskManagers are too few", *tm.Replicas),
		"Set task_manager.replicas to 1 or more, or leave it out to let job.parallelism decide.")
}
