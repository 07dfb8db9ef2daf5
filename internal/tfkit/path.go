package tfkit

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// pathOf returns the attribute that sets a value of a deployment's
// specification, for example task_manager.resource.memory for
// taskManager.resource.memory. It is flink.Path.Attribute as Terraform's path.
func pathOf(p flink.Path) path.Path {
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
		if flink.IsDocument(step) {
			break
		}
		inMap = flink.IsMap(step)
	}
	return out
}
