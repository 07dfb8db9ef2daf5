package flink

import (
	"regexp"
	"slices"
	"strings"
)

// sensitiveParts are the parts of a configuration key whose value Flink hides in
// its own logs and REST answers: GlobalConfiguration.SENSITIVE_KEYS, all that any
// version from 1.17 to 2.1 has ("http-headers" came with 1.20, "api-key" with
// 2.1). The last one is the operator's: headers with which it fetches a JAR file.
var sensitiveParts = []string{
	"password", "secret", "fs.azure.account.key", "apikey", "api-key", "auth-params",
	"service-key", "token", "basic-auth", "jaas.config", "http-headers",
	"user.artifacts.http.header",
}

// referenceKeys are keys that only name a Kubernetes Secret, or say how tokens are
// handled, though Flink's list hides them by a part of their name.
var referenceKeys = []string{
	"kubernetes.secrets", "kubernetes.env.secretkeyref",
	"kubernetes.jobmanager.secrets", "kubernetes.taskmanager.secrets",
}

// tokenSettings begins the keys that say how delegation tokens are renewed.
const tokenSettings = "security.delegation.tokens."

// SensitiveKey tells whether a configuration key is one whose value Flink hides,
// wherever the letters of its name are big or small.
func SensitiveKey(key string) bool {
	key = strings.ToLower(key)
	return slices.ContainsFunc(sensitiveParts, func(part string) bool { return strings.Contains(key, part) }) &&
		!slices.Contains(referenceKeys, key) && !strings.HasPrefix(key, tokenSettings)
}

// valueReference matches a value that Ververica Platform takes from one of its secret values
// (the vendor's documentation of secret values).
var valueReference = regexp.MustCompile(`^\$\{[-_0-9A-Za-z]+\}$`)

// sensitiveValue tells whether the value of a configuration key is a secret: the
// key is sensitive and the value neither empty, nor a switch
// ("security.kerberos.fetch.delegation-token: false"), nor the name of a variable
// that has the secret (WithSecrets), nor that of a secret value of Ververica Platform.
func sensitiveValue(key, value string) bool {
	switch strings.ToLower(TrimBlanks(value)) {
	case "", "true", "false":
		return false
	}
	if variableReference.MatchString(value) || valueReference.MatchString(value) {
		return false
	}
	return SensitiveKey(key)
}

// SensitiveConfiguration returns the keys of a configuration that have a secret in
// clear, sorted: a sensitive key, or Java options with one.
func SensitiveConfiguration(c Configuration) []string {
	var keys []string
	for key, value := range c {
		if value != nil && *value != "" && (Redactor{}).configuration(key, *value) != any(*value) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// secretVariable matches the names of environment variables that hold a secret
// for sure, and not the name of a file or how long a token lasts.
var secretVariable = regexp.MustCompile(`(?i)(^|_)(PASSWORD|PASSWD|SECRET|SECRET_?KEY|SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_TOKEN|AUTH_TOKEN|TOKEN|API_?KEY|PRIVATE_KEY|CLIENT_SECRET)$`)

// SecretVariables returns the names of the environment variables in a pod template
// that hold a secret in clear by their name, in the order of the template.
func SecretVariables(template Document) []string {
	var names []string
	eachVariable(template, func(variable map[string]any) {
		name, _ := variable["name"].(string)
		if value, ok := variable["value"].(string); ok && value != "" && secretVariable.MatchString(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	})
	return names
}

// eachVariable calls visit with each environment variable of a pod template.
func eachVariable(template map[string]any, visit func(map[string]any)) {
	spec, _ := template["spec"].(map[string]any)
	for _, field := range containerLists {
		containers, _ := spec[field].([]any)
		for _, container := range containers {
			container, _ := container.(map[string]any)
			variables, _ := container["env"].([]any)
			for _, variable := range variables {
				if variable, ok := variable.(map[string]any); ok {
					visit(variable)
				}
			}
		}
	}
}

// containerLists are the fields of a pod's specification that have containers.
var containerLists = []string{"containers", "initContainers", "ephemeralContainers"}

// Opaque tells whether the values of a change are not for messages: arguments, SQL and
// configuration that may be confidential, everything in a pod template, texts of
// many lines, numbers that mean nothing, and the list of variables with secrets.
func (c Change) Opaque() bool {
	for i, step := range c.Path {
		switch step {
		case "podTemplate", "logConfiguration", "jobManagerPodTemplate", "taskManagerPodTemplate", "envVars", "mainArgs", "sqlScript", "logging":
			if i == 0 || c.Path[0] != "flinkConfiguration" {
				return true
			}
		case "restartNonce":
			return i == 0
		case "args":
			return i == 1 && c.Path[0] == "job"
		case "flinkConfiguration":
			return i+1 < len(c.Path) && (SensitiveKey(c.Path[i+1]) || javaOptions(c.Path[i+1]) || c.Path[i+1] == keySecretVariables)
		}
	}
	return !isScalar(c.Old) || !isScalar(c.New)
}

func isScalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
