package fko

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// leastMemory is what a process of Flink needs at least: by default the metaspace
// of its JVM alone has 256 MiB (jobmanager.memory.jvm-metaspace.size), and its
// overhead 192 MiB beside it.
const leastMemory = 256 << 20

// memoryEnough warns of memory with which Flink does not start, as that of a
// number whose unit was forgotten.
func memoryEnough(d deployment) []flink.Finding {
	var findings []flink.Finding
	for _, c := range []component{d.jobManager(), d.taskManager()} {
		if c.resource != nil && c.resource.Memory != nil {
			findings = append(findings, c.tooLittle(flink.Path{c.field, "resource", "memory"}, *c.resource.Memory, flink.ParseMemory)...)
		}
		if c.resources != nil {
			findings = append(findings, c.tooLittleOf("requests", c.resources.Requests)...)
			findings = append(findings, c.tooLittleOf("limits", c.resources.Limits)...)
		}
		for _, size := range []string{"process", "flink"} {
			key := fmt.Sprintf("%s.memory.%s.size", map[string]string{"jobManager": "jobmanager", "taskManager": "taskmanager"}[c.field], size)
			if text, given := d.config.Get(key); given && overruledBy(flink.Path{"flinkConfiguration", key}, d.spec) == nil {
				findings = append(findings, c.tooLittle(d.keyPath(key), text, flink.ParseMemorySize)...)
			}
		}
	}
	return findings
}

// tooLittleOf looks at the memory of requests or limits; none at all is told by
// amounts.
func (c component) tooLittleOf(section string, amounts flink.Amounts) []flink.Finding {
	text, given := amounts["memory"]
	if size, err := flink.ParseMemory(text); !given || err != nil || size == 0 {
		return nil
	}
	return c.tooLittle(flink.Path{c.field, "resources", section, "memory"}, text, flink.ParseMemory)
}

// tooLittle tells of a size below the least; a size that cannot be read is told
// elsewhere.
func (c component) tooLittle(path flink.Path, text string, parse func(string) (int64, error)) []flink.Finding {
	size, err := parse(text)
	if err != nil || size >= leastMemory {
		return nil
	}
	advice := fmt.Sprintf("Set %s to more, for example \"1g\".", path.Attribute())
	if number := flink.TrimBlanks(text); size > 0 && strings.Trim(number, "0123456789") == "" {
		advice = fmt.Sprintf("A number without a unit is bytes: set %s to \"%sm\" for as many MiB.", path.Attribute(), number)
	}
	return warning(path, fmt.Sprintf("The memory of the %s is only %s", c.title, sizeText(size)),
		"Flink needs some hundred MiB to start: by default the metaspace of its JVM alone has 256 MiB. "+advice)
}

// sizeText is a size in the greatest unit that it has a whole number of.
func sizeText(size int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if size >= unit.bytes && size%unit.bytes == 0 {
			return fmt.Sprintf("%d %s", size/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", size)
}
