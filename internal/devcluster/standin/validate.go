package standin

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// The rules of the operator's DefaultValidator that need no cluster. Each
// function returns the first failure as its message, "" when there is none.

var (
	namePattern    = regexp.MustCompile(`^[a-z]([-a-z\d]{0,43}[a-z\d])?$`)
	versionPattern = regexp.MustCompile(`^v(\d+)_(\d+)$`)
	memoryPattern  = regexp.MustCompile(`(?i)^\s*\d+\s*(b|bytes|k|kb|kibibytes|m|mb|mebibytes|g|gb|gibibytes|t|tb|tebibytes)?\s*$`)
	templateName   = regexp.MustCompile(`(?i){{(name|namespace)}}`)
)

// supportedFlink reports whether this operator runs the Flink version.
func (v version) supportedFlink(name *string) bool {
	if name == nil {
		return false
	}
	m := versionPattern.FindStringSubmatch(*name)
	if m == nil {
		return false
	}
	minor, _ := strconv.Atoi(m[2])
	if m[1] == "1" {
		return minor >= v.oldestFlink
	}
	return v.supportedFlinkTwo
}

func (v version) validateDeployment(name string, s, last *spec, suspendedWith string) string {
	config := flatConfig(s.config)
	checks := []func() string{
		func() string { return validName("FlinkDeployment", name) },
		func() string { return versionChange(s, last, suspendedWith) },
		func() string { return v.configKeys(config) },
		func() string { return ingress(s.ingress, name) },
		func() string { return logConfiguration(s.logConfiguration) },
		func() string { return v.jobRules(s.job, s.taskManager, config) },
		func() string { return component("JobManager", "jobManager", s.jobManager, config) },
		func() string { return jobManagerReplicas(s.jobManager, config) },
		func() string { return component("TaskManager", "taskManager", s.taskManager, config) },
		func() string { return taskManagerReplicas(s.taskManager) },
		func() string { return changes(s, last) },
		func() string {
			if s.serviceAccount == nil {
				return "spec.serviceAccount must be defined. If you use helm, its value should be the same with the name of jobServiceAccount."
			}
			return ""
		},
	}
	for _, check := range checks {
		if message := check(); message != "" {
			return message
		}
	}
	return ""
}

func validName(kind, name string) string {
	if namePattern.MatchString(name) {
		return ""
	}
	return fmt.Sprintf("The %s name: %s is invalid, must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "+
		"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123'), and the length must be no more than 45 characters.", kind, name)
}

func versionChange(s, last *spec, suspendedWith string) string {
	if last == nil || s.job == nil || suspendedWith != modeLastState || s.job.upgradeMode == modeStateless || plain(s.flinkVersion) == plain(last.flinkVersion) {
		return ""
	}
	return "Changing flinkVersion after last-state suspend is not allowed. Restore your cluster with the current flinkVersion and perform the version upgrade afterwards."
}

func (v version) configKeys(config map[string]string) string {
	for _, k := range v.unsupportedFlinkKeys {
		if _, ok := config[k]; ok {
			return "Forbidden Flink config key: " + k
		}
	}
	if enabled(config, keyRollback, false) && !highAvailability(config) {
		return "HA must be enabled for rollback support."
	}
	if enabled(config, keyHealthCheck, false) && !enabled(config, keyRecovery, true) {
		return fmt.Sprintf("Deployment recovery (%s) must be enabled for job health check (%s) support.", keyRecovery, keyHealthCheck)
	}
	return ""
}

func ingress(v any, name string) string {
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	template, _ := m["template"].(string)
	if template == "" {
		return "Ingress template must be defined"
	}
	host := templateName.ReplaceAllString(template, name)
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	if _, err := url.Parse(host); err != nil {
		return fmt.Sprintf("Unable to process the Ingress template(%s). Error: %s", template, err)
	}
	return ""
}

func logConfiguration(v any) string {
	m, _ := v.(map[string]any)
	for k := range m {
		if k != "log4j-console.properties" && k != "logback-console.xml" {
			return "Invalid log config key: " + k + ". Allowed keys are [log4j-console.properties, logback-console.xml]"
		}
	}
	return ""
}

func (v version) jobRules(job *jobSpec, tm *componentSpec, config map[string]string) string {
	if job == nil {
		return ""
	}
	if job.upgradeMode != modeStateless && checkpointDir(config) == "" {
		return fmt.Sprintf("Checkpoint directory[%s] must be defined for last-state and savepoint upgrade modes", v.checkpointDirectory)
	}
	if savepointDir(config) == "" {
		switch {
		case job.upgradeMode == modeSavepoint:
			return fmt.Sprintf("Job could not be upgraded with savepoint while config key[%s] is not set", v.savepointDirectory)
		case job.savepointTriggerNonce != nil:
			return fmt.Sprintf("Savepoint could not be manually triggered for the running job while config key[%s] is not set", v.savepointDirectory)
		case config[keyPeriodicSavepoint] != "":
			return fmt.Sprintf("Periodic savepoints cannot be enabled when config key[%s] is not set", v.savepointDirectory)
		case config[keyMaxCheckpointAge] != "":
			return fmt.Sprintf("In order to use max-checkpoint age functionality config key[%s] must be set to allow triggering savepoint upgrades.", v.savepointDirectory)
		}
	}
	if tm != nil && tm.replicas != nil {
		if *tm.replicas < 1 {
			return "TaskManager replicas must be larger than 0"
		}
	} else if job.parallelism < 1 {
		return "Job parallelism must be larger than 0"
	}
	return ""
}

// component checks the memory of JobManager or TaskManager (rules 10 to 12 and 14).
func component(title, name string, c *componentSpec, config map[string]string) string {
	if c != nil && c.resource != nil {
		if memory, ok := c.resource["memory"].(string); ok && !validMemory(memory) {
			return fmt.Sprintf("%s resource memory parse error: Could not parse value '%s'", title, memory)
		}
		if storage, ok := c.resource["ephemeralStorage"].(string); ok {
			if _, err := resource.ParseQuantity(storage); err != nil {
				return fmt.Sprintf("%s resource ephemeral storage parse error: %s", title, err)
			}
		}
		if c.resource["memory"] != nil {
			return ""
		}
	}
	if c != nil && c.resources != nil {
		resources, _ := c.resources.(map[string]any)
		for _, part := range []string{"requests", "limits"} {
			if values, _ := resources[part].(map[string]any); values["memory"] != nil {
				return ""
			}
		}
	}
	prefix := strings.ToLower(title) + ".memory."
	keys := []string{"process.size", "flink.size"}
	if title == "JobManager" {
		keys = append(keys, "heap.size")
	}
	if slices.ContainsFunc(keys, func(k string) bool { return config[prefix+k] != "" }) {
		return ""
	}
	return fmt.Sprintf("%s resource memory must be defined using `spec.%s.resource.memory`", title, name)
}

func validMemory(text string) bool {
	if memoryPattern.MatchString(text) {
		return true
	}
	_, err := resource.ParseQuantity(text)
	return err == nil
}

func jobManagerReplicas(c *componentSpec, config map[string]string) string {
	if c == nil || c.replicas == nil {
		return ""
	}
	if *c.replicas < 1 {
		return "JobManager replicas should not be configured less than one."
	}
	if *c.replicas > 1 && !highAvailability(config) {
		return "High availability should be enabled when starting standby JobManagers."
	}
	return ""
}

func taskManagerReplicas(c *componentSpec) string {
	if c != nil && c.replicas != nil && *c.replicas < 1 {
		return "TaskManager replicas should not be configured less than one."
	}
	return ""
}

// changes are the rules about the spec that was reconciled last.
func changes(s, last *spec) string {
	if last == nil {
		return ""
	}
	if last.job == nil && s.job != nil {
		return "Cannot switch from session to job cluster"
	}
	if last.job != nil && s.job == nil {
		return "Cannot switch from job to session cluster"
	}
	was, is := plain(last.mode) == "standalone", plain(s.mode) == "standalone"
	if was != is {
		if is {
			return "Cannot switch from native kubernetes to standalone kubernetes cluster"
		}
		return "Cannot switch from standalone kubernetes to native kubernetes cluster"
	}
	return redeployPath(s.job, last.job)
}

func redeployPath(job, last *jobSpec) string {
	if job == nil || last == nil || job.savepointRedeployNonce == nil || plain(job.savepointRedeployNonce) == plain(last.savepointRedeployNonce) {
		return ""
	}
	if job.initialSavepointPath == nil || strings.TrimSpace(*job.initialSavepointPath) == "" {
		return "InitialSavepointPath must not be empty for savepoint redeployment"
	}
	return ""
}

// validateSessionJob checks a FlinkSessionJob; cluster is nil while it does not exist.
func (v version) validateSessionJob(s, last, cluster *spec) string {
	if message := validName("FlinkSessionJob", s.deploymentName); message != "" {
		return message
	}
	if s.job == nil {
		return "The job spec should not be empty"
	}
	if last != nil && last.deploymentName != s.deploymentName {
		return "The deploymentName can't be changed"
	}
	if s.job.jarURI != nil && v.allowlist {
		if message := v.artifacts.refuses(*s.job.jarURI); message != "" {
			return message
		}
	}
	if cluster == nil {
		return ""
	}
	if cluster.job != nil {
		return "Can not submit session job to application cluster"
	}
	if message := v.jobRules(s.job, nil, mergedConfig(cluster, s)); message != "" {
		return message
	}
	if last != nil {
		return redeployPath(s.job, last.job)
	}
	return ""
}
