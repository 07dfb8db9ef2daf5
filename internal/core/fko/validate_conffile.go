package fko

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// wholeInTheFile refuses values of which Flink would read a part only. Below Flink 2.0
// the operator writes the configuration into flink-conf.yaml, whose reader
// (GlobalConfiguration.loadYAMLResource) takes what follows a # for a comment,
// quoted or not, and a line break for the end of the value. In native mode the
// arguments of the program take the same way.
func wholeInTheFile(d deployment) []flink.Finding {
	if d.version == nil || d.version.AtLeast(firstStandardYAML) {
		return nil
	}
	var findings []flink.Finding
	for _, key := range sortedKeys(d.config) {
		if d.config[key] != nil && !d.readByTheOperator(key) {
			findings = append(findings, d.cut(flink.Path{"flinkConfiguration", key}, key, *d.config[key])...)
		}
	}
	if d.spec.Job != nil && !d.standalone() {
		for i, argument := range d.spec.Job.Args {
			findings = append(findings, d.cut(flink.Path{"job", "args", strconv.Itoa(i)}, "an argument", argument)...)
		}
	}
	return findings
}

// cut refuses a value that ends early in flink-conf.yaml.
func (d deployment) cut(path flink.Path, name, value string) []flink.Finding {
	// The reader trims its lines, so a line break at the end takes nothing away.
	value = strings.TrimRight(value, " \t\r\n")
	at := strings.IndexAny(value, "#\r\n")
	if at < 0 {
		return nil
	}
	end := "the end of its first line"
	if value[at] == '#' {
		end = "the first #, with which a comment begins there"
	}
	return fault(path, fmt.Sprintf("Flink %s reads only a part of %s", d.version, name),
		fmt.Sprintf("The operator hands it over in flink-conf.yaml, where it ends before %s; nothing escapes that. Flink 2.0 and later read it whole. "+
			"Change the value, or give it to the job as an environment variable, by pod_template.", end))
}

func (d deployment) standalone() bool {
	return clusterMode(d.spec) == flink.ModeStandalone
}

// jobManagerKeys begin keys of which the operator itself makes the JobManager's
// objects (KubernetesJobManagerParameters), and taskManagerKeys those of the
// TaskManagers, which it makes in standalone mode alone.
var (
	jobManagerKeys  = []string{"kubernetes.jobmanager.", "kubernetes.rest-service.", "containerized.master.env."}
	taskManagerKeys = []string{"kubernetes.taskmanager.", "containerized.taskmanager.env."}
)

// readByTheOperator tells whether a key does its work before the file is written.
func (d deployment) readByTheOperator(key string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	return flink.ReadByOperator(key) || slices.ContainsFunc(jobManagerKeys, begins) || d.standalone() && slices.ContainsFunc(taskManagerKeys, begins)
}

// plainHighAvailability refuses a type that is blank or padded. For Flink's test
// (HighAvailabilityMode.fromConfig) everything but the names of its modes is the
// name of a class, and so high availability: a blank text, and " none" too.
func plainHighAvailability(d deployment) []flink.Finding {
	value, given := d.config.Get(flink.KeyHighAvailability)
	if !given || value != "" && value == flink.TrimBlanks(value) {
		return nil
	}
	return fault(d.keyPath(flink.KeyHighAvailability), fmt.Sprintf("%q is no type of high availability", value),
		"The operator takes everything but the names of Flink's modes for the name of a class, and so for high availability, whatever the JobManager makes of it. "+
			"Write \"kubernetes\" or \"NONE\" without blanks, or set the key to null to leave it out.")
}
