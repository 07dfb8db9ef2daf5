package fko

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// LongestName is how many characters of a name the operator takes.
const LongestName = 45

// namePattern is DEPLOYMENT_NAME_PATTERN of the operator's DefaultValidator.
var namePattern = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,43}[a-z0-9])?$`)

func validName(d deployment) []flink.Finding {
	if namePattern.MatchString(d.name) {
		return nil
	}
	return fault(flink.Path{"metadata", "name"},
		fmt.Sprintf("The name %q is not valid for a deployment", d.name),
		fmt.Sprintf("A name has at most %d characters: lower case letters, digits and hyphens, a letter first, a letter or digit last. Change name.", LongestName))
}

func versionGiven(d deployment) []flink.Finding {
	if d.spec.FlinkVersion != nil {
		return nil
	}
	return fault(flink.Path{"flinkVersion"}, "The Flink version is missing",
		"The operator needs to know which Flink the image holds. Set flink_version, for example \"v1_20\", here or in the environment's deployment_defaults.")
}

func versionKnown(d deployment) []flink.Finding {
	path := flink.Path{"flinkVersion"}
	switch {
	case d.spec.FlinkVersion == nil:
		return nil
	case d.version == nil:
		return fault(path, fmt.Sprintf("%q is not a Flink version", *d.spec.FlinkVersion),
			"Write flink_version as the operator does, for example \"v1_20\". Known versions: "+knownVersionList()+".")
	case !d.version.AtLeast(flink.OldestSupported):
		return fault(path, fmt.Sprintf("Flink version %s is not supported by the operator", d.version),
			fmt.Sprintf("The oldest version that it deploys is %s. Change flink_version, and image with it.", flink.OldestSupported))
	case d.version.Deprecated():
		return warning(path, fmt.Sprintf("Flink version %s is deprecated by the operator", d.version),
			"A later operator will not deploy it any more. Plan an upgrade of flink_version and image.")
	case d.version.Known():
		return nil
	case d.version.AtLeast(flink.KnownVersions[len(flink.KnownVersions)-1]):
		return warning(path, fmt.Sprintf("Flink version %s is newer than this provider", d.version),
			"The operator must know it, or it refuses the deployment. Newest version known here: "+flink.KnownVersions[len(flink.KnownVersions)-1].String()+".")
	}
	return fault(path, fmt.Sprintf("There is no Flink version %s", d.version),
		"Change flink_version. Known versions: "+knownVersionList()+".")
}

func knownVersionList() string {
	list := make([]string, 0, len(flink.KnownVersions))
	for _, version := range flink.KnownVersions {
		list = append(list, version.String())
	}
	return strings.Join(list, ", ")
}

func modeKnown(d deployment) []flink.Finding {
	return oneOf(flink.Path{"mode"}, d.spec.Mode, flink.ModeNative, flink.ModeStandalone)
}

// imagePullPolicy checks what the operator reads with ImagePullPolicy.valueOf only
// when it deploys.
func imagePullPolicy(d deployment) []flink.Finding {
	return oneOf(flink.Path{"imagePullPolicy"}, d.spec.ImagePullPolicy, "IfNotPresent", "Always", "Never")
}

// oneOf refuses a value that is not among the allowed ones.
func oneOf(path flink.Path, value *string, allowed ...string) []flink.Finding {
	if value == nil || slices.Contains(allowed, *value) {
		return nil
	}
	quoted := make([]string, 0, len(allowed))
	for _, text := range allowed {
		quoted = append(quoted, strconv.Quote(text))
	}
	attribute := path.Attribute()
	return fault(path, fmt.Sprintf("%q is not a value of %s", *value, attribute),
		fmt.Sprintf("Set %s to one of %s.", attribute, strings.Join(quoted, ", ")))
}

func serviceAccount(d deployment) []flink.Finding {
	if d.spec.ServiceAccount != nil {
		return nil
	}
	return fault(flink.Path{"serviceAccount"}, "The service account is missing",
		"Flink's pods need a service account that may create pods and ConfigMaps. Set service_account here or in the environment's deployment_defaults; an environment with operator.service_account creates such an account.")
}

// logFileNames are the files that the operator mounts (ALLOWED_LOG_CONF_KEYS).
var logFileNames = []string{"log4j-console.properties", "logback-console.xml"}

func logFiles(d deployment) []flink.Finding {
	var findings []flink.Finding
	for _, name := range sortedKeys(d.spec.LogConfiguration) {
		if !slices.Contains(logFileNames, name) {
			findings = append(findings, fault(flink.Path{"logConfiguration", name},
				fmt.Sprintf("%q is not a log configuration file", name),
				"The operator mounts only "+strings.Join(logFileNames, " and ")+". Rename the key of log_configuration.")...)
		}
	}
	return findings
}
