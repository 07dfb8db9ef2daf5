package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// PoolAttributes are those of a deployment that mean something to the clusters of a
// compute pool.
func PoolAttributes() map[string]schema.Attribute {
	all := SpecAttributes()
	out := map[string]schema.Attribute{}
	for _, name := range []string{"image_pull_policy", "job_manager", "task_manager", "log_configuration"} {
		out[name] = all[name]
	}
	for name, description := range map[string]string{
		"image":         "The container image, one of `confluentinc/cp-flink-sql`.",
		"flink_version": "The Flink version of the image, for example `v1_19`. The statements of the pool have this version.",
		"pod_template":  "Pod template of all pods, as YAML or JSON text. The server adds the volumes `statement-plan-volume` and `statement-encryption-volume` itself.",
	} {
		text, _ := all[name].(schema.StringAttribute)
		text.MarkdownDescription = description
		out[name] = text
	}
	configuration, _ := all["flink_configuration"].(schema.MapAttribute)
	configuration.MarkdownDescription = "Flink configuration with dotted keys, with which the processes of the clusters start. Values that Flink reads as equal are no change."
	configuration.Validators = append(configuration.Validators, mapvalidator.NoNullValues())
	out["flink_configuration"] = configuration
	return out
}
