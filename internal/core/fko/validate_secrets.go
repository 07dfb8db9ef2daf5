package fko

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// secretsInClear warns of secrets in the configuration that could be elsewhere.
// Of the others there is nothing to say in every plan.
func secretsInClear(d deployment) []flink.Finding {
	keys := slices.DeleteFunc(flink.SensitiveConfiguration(d.config), func(key string) bool { return !flink.TakesSecret(key) })
	if len(keys) == 0 {
		return nil
	}
	return warning(flink.Path{"flinkConfiguration", keys[0]}, "A secret is in clear in flink_configuration",
		fmt.Sprintf("The value of %s is in clear in the state, in the object of the cluster and in the ConfigMap with Flink's configuration. ", strings.Join(keys, ", "))+
			"Keep it in a Kubernetes Secret: "+secretAdvice(keys[0]))
}

// secretAdvice is how a key is given by a Secret.
func secretAdvice(key string) string {
	return fmt.Sprintf(`secret_configuration = { %q = { secret = "<name>", key = "<key>" } }.`, key)
}

// variablesInClear warns of environment variables that hold a secret by their
// name.
func variablesInClear(d deployment) []flink.Finding {
	var findings []flink.Finding
	for _, template := range podTemplates(d.spec) {
		if names := flink.SecretVariables(template.document); len(names) > 0 {
			findings = append(findings, warning(template.path, fmt.Sprintf("A secret is in clear in %s", template.path.Attribute()), variableAdvice(names))...)
		}
	}
	return findings
}

func variableAdvice(names []string) string {
	return fmt.Sprintf("The value of the environment variable %s is in clear in the state and in the cluster. ", strings.Join(names, ", ")) +
		"Keep it in a Kubernetes Secret, and write valueFrom: {secretKeyRef: {name: <secret>, key: <key>}} instead of value."
}

// placedTemplate is a pod template and where it stands.
type placedTemplate struct {
	path     flink.Path
	document flink.Document
}

func podTemplates(spec flink.DeploymentSpec) []placedTemplate {
	templates := []placedTemplate{{flink.Path{"podTemplate"}, spec.PodTemplate}}
	if spec.JobManager != nil {
		templates = append(templates, placedTemplate{flink.Path{"jobManager", "podTemplate"}, spec.JobManager.PodTemplate})
	}
	if spec.TaskManager != nil {
		templates = append(templates, placedTemplate{flink.Path{"taskManager", "podTemplate"}, spec.TaskManager.PodTemplate})
	}
	return templates
}

// ValidateLayer returns what is to say of the defaults or overrides of an
// environment before any deployment takes them: they travel in clear.
func ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	var findings []flink.Finding
	for _, key := range flink.SensitiveConfiguration(spec.FlinkConfiguration) {
		remedy := "Flink cannot take this one from a Kubernetes Secret: give it in flink_configuration of the deployments that need it."
		if flink.TakesSecret(key) {
			remedy = "Keep the secret in a Kubernetes Secret, and name it instead: " + secretAdvice(key)
		}
		findings = append(findings, fault(flink.Path{"flinkConfiguration", key}, fmt.Sprintf("The secret %s cannot be in an environment", key),
			"What an environment says travels in clear to each of its deployments, into their state and into a ConfigMap of the namespace. "+remedy)...)
	}
	return append(findings, variablesInClear(deployment{spec: spec})...)
}

// ValidateSecrets returns what is wrong with the keys that Secrets shall give to a
// specification whose configuration is c.
func ValidateSecrets(c flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding {
	var findings []flink.Finding
	for _, key := range sortedKeys(secrets) {
		path := flink.Path{"secretConfiguration", key}
		if !flink.TakesSecret(key) {
			findings = append(findings, fault(path, fmt.Sprintf("Flink cannot take %s from a Kubernetes Secret", key),
				fmt.Sprintf("Flink reads the value from its configuration only, which the operator keeps in a ConfigMap. Keys that can be given by a Secret are %s. "+
					"Give this one in flink_configuration, and restrict who may read ConfigMaps and FlinkDeployments of the namespace.", flink.KnownSecretKeys))...)
			continue
		}
		if name, _, given := c.Lookup(key); given {
			findings = append(findings, fault(path, fmt.Sprintf("%s is given twice", key),
				fmt.Sprintf("It is in secret_configuration, and as %s in flink_configuration or what that inherits. Remove one of the two; null in flink_configuration removes an inherited key.", name))...)
		}
	}
	if len(secrets) > 0 && c["s3.s5cmd.path"] != nil {
		findings = append(findings, fault(flink.Path{"flinkConfiguration", "s3.s5cmd.path"}, "s5cmd cannot take its keys from a Kubernetes Secret",
			"Flink hands the text of s3.access-key and s3.secret-key to s5cmd as it is. Remove s3.s5cmd.path, or give the keys in flink_configuration.")...)
	}
	return findings
}
