package tfkit

import (
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// PathOf returns the attribute that sets a value of a deployment's
// specification, for example task_manager.resource.memory for
// taskManager.resource.memory. It is flink.Path.Attribute as Terraform's path.
func PathOf(p flink.Path) path.Path {
	if len(p) == 2 && p[0] == "job" && p[1] == "upgradeMode" {
		return path.Root("upgrade").AtName("mode")
	}
	if len(p) > 1 && p[0] == "metadata" {
		// Its parts are attributes of the deployment itself.
		p = p[1:]
	}
	out := path.Empty()
	inMap := false
	for _, step := range p {
		index, err := strconv.Atoi(step)
		switch {
		case inMap:
			return out.AtMapKey(step)
		case err == nil:
			out = out.AtListIndex(index)
		default:
			out = out.AtName(flink.AttributeName(step))
		}
		if step == "podTemplate" {
			break
		}
		inMap = flink.IsMap(step)
	}
	return out
}

// SpecPath returns the path into a specification of a field that an API server
// names, for example "spec.job.parallelism" or ".spec.flinkConfiguration[a.b]";
// ok is false for fields outside the specification.
func SpecPath(field string) (p flink.Path, ok bool) {
	rest := strings.TrimPrefix(field, ".")
	if rest, ok = strings.CutPrefix(rest, "spec."); !ok {
		return nil, false
	}
	for rest != "" {
		if key, bracket := strings.CutPrefix(rest, "["); bracket {
			key, after, _ := strings.Cut(key, "]")
			p = append(p, strings.Trim(key, `"'`))
			rest = strings.TrimPrefix(after, ".")
			continue
		}
		if n := len(p); n > 0 && flink.IsMap(p[n-1]) {
			// The keys of a map may have dots of their own.
			return append(p, rest), true
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			p = append(p, rest[:end])
		}
		rest = strings.TrimPrefix(rest[end:], ".")
	}
	return p, len(p) > 0
}
