package flink

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// SecretRef names a value in a Kubernetes Secret of the deployment's namespace.
type SecretRef struct {
	Secret string `json:"secret"`
	Key    string `json:"key"`
}

// secretWay is how Flink takes the value of a configuration key without having it
// in its configuration.
type secretWay int

const (
	// noWay: the value has to be in the configuration.
	noWay secretWay = iota
	// byVariable: the key belongs to a file system of Hadoop or of Presto, which
	// reads it through Hadoop's Configuration, and that puts the environment
	// variable of the process in the place of ${env.NAME}. Flink hands the text on
	// as it is (HadoopConfigLoader), and so do the operator and the entrypoint of
	// Flink's images, whose envsubst knows no names with a dot.
	byVariable
	// byFile: the value is the content of a file, whose path the key has.
	byFile
)

// keyFile is the key with the path of a Google Cloud service account's key file.
const keyFile = "auth.service.account.json.keyfile"

// secretKeys are the keys whose way is tried out, by the prefixes that Flink hands
// to the file system (S3FileSystemFactory of both plugins, AbstractAzureFSFactory,
// GSFileSystemFactory) and what is secret below them.
var secretKeys = []struct {
	prefixes []string
	rest     *regexp.Regexp
	way      secretWay
}{
	{[]string{"s3.", "s3a.", "fs.s3a.", "presto.s3."}, regexp.MustCompile(`^(bucket\.[-a-z0-9]+\.)?(access[.-]key|secret[.-]key|session\.token)$`), byVariable},
	{[]string{"fs.azure."}, regexp.MustCompile(`^account\.(key\.[-A-Za-z0-9._]+|oauth2\.client\.(id|secret)(\.[-A-Za-z0-9._]+)?)$`), byVariable},
	{[]string{"gs.", "fs.gs."}, regexp.MustCompile(`^` + regexp.QuoteMeta(keyFile) + `$`), byFile},
}

// wayOf returns the way of a key.
func wayOf(key string) secretWay {
	for _, keys := range secretKeys {
		for _, prefix := range keys.prefixes {
			if rest, ok := strings.CutPrefix(key, prefix); ok && keys.rest.MatchString(rest) {
				return keys.way
			}
		}
	}
	return noWay
}

// TakesSecret tells whether a configuration key can be given by a Kubernetes
// Secret.
func TakesSecret(key string) bool { return wayOf(key) != noWay }

// KnownSecretKeys says in words which keys can be given by a Kubernetes Secret.
const KnownSecretKeys = "s3.access-key, s3.secret-key and s3.session.token (also below s3a., fs.s3a. and presto.s3.), " +
	"fs.azure.account.key.*, fs.azure.account.oauth2.client.id and .secret, and fs.gs.auth.service.account.json.keyfile"

// Keys by which Flink's Kubernetes integration gives Secrets to the containers of
// both processes (KubernetesConfigOptions), and the variables of the processes.
const (
	keySecretVariables = "kubernetes.env.secretKeyRef" //nolint:gosec // the name of a key
	keySecretFiles     = "kubernetes.secrets"          //nolint:gosec // the name of a key
	keyMasterVariable  = "containerized.master.env."
	keyWorkerVariable  = "containerized.taskmanager.env."

	// googleCredentials names the key file to the Google client that writes the
	// files of sinks, which does not read Hadoop's configuration.
	googleCredentials = "GOOGLE_APPLICATION_CREDENTIALS" //nolint:gosec // the name of a variable
	// secretFolder is where Secrets are mounted, each in a folder of its name.
	secretFolder = "/opt/flink/secret-configuration/" //nolint:gosec // a folder
	// secretVariablePrefix begins the variables with values of Secrets.
	secretVariablePrefix = "FLINK_SECRET_"
)

// variableReference matches a value that is taken from a variable of the process.
var variableReference = regexp.MustCompile(`^\$\{env\.[A-Za-z_][A-Za-z0-9_]*\}$`)

// WithSecrets returns a configuration with the keys that Secrets give: with the
// text by which Flink finds the value, and the keys that bring it into the pods.
// Keys without a way stay out; TakesSecret tells them.
func WithSecrets(c Configuration, secrets map[string]SecretRef) Configuration {
	if len(secrets) == 0 {
		return c
	}
	out := maps.Clone(c)
	if out == nil {
		out = Configuration{}
	}
	var variables, files []string
	names := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(secrets)) {
		ref := secrets[key]
		switch wayOf(key) {
		case byVariable:
			name := variableName(key)
			for names[name] {
				name += "_"
			}
			names[name] = true
			variables = append(variables, fmt.Sprintf("env:%s,secret:%s,key:%s", name, ref.Secret, ref.Key))
			out[key] = new("${env." + name + "}")
		case byFile:
			if mount := ref.Secret + ":" + secretFolder + ref.Secret; !slices.Contains(files, mount) {
				files = append(files, mount)
			}
			path := secretFolder + ref.Secret + "/" + ref.Key
			out[key], out[keyMasterVariable+googleCredentials], out[keyWorkerVariable+googleCredentials] = &path, &path, &path
		case noWay:
		}
	}
	out.join(keySecretVariables, ";", variables)
	out.join(keySecretFiles, ",", files)
	return out
}

// CarriesSecrets tells whether a configuration key brings Secrets into the pods, as
// WithSecrets sets it.
func CarriesSecrets(key string) bool {
	switch key {
	case keySecretVariables, keySecretFiles, keyMasterVariable + googleCredentials, keyWorkerVariable + googleCredentials:
		return true
	}
	return false
}

// variableName is the environment variable with the value of a key.
func variableName(key string) string { return secretVariablePrefix + VariableSuffix(key) }

// VariableSuffix returns a name as the end of that of an environment variable: PROD_EU for prod-eu.
func VariableSuffix(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// join adds elements to the list that a key has.
func (c Configuration) join(key, separator string, elements []string) {
	if len(elements) == 0 {
		return
	}
	if own := c[key]; own != nil && *own != "" {
		elements = append([]string{*own}, elements...)
	}
	c[key] = new(strings.Join(elements, separator))
}
