package fko

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// wholeInTheFile refuses values of which the JobManager would read a part only. Below
// Flink 2.0 the operator writes them into flink-conf.yaml, whose reader
// (GlobalConfiguration.loadYAMLResource) takes what follows a # for a comment,
// quoted or not, and a line break for the end of the value. The operator's own
// keys stay with it.
func wholeInTheFile(d deployment) []flink.Finding {
	if d.version == nil || d.version.AtLeast(firstStandardYAML) {
		return nil
	}
	var findings []flink.Finding
	for _, key := range sortedKeys(d.config) {
		if d.config[key] == nil || strings.HasPrefix(key, operatorPrefix) || strings.HasPrefix(key, scalingPrefix) {
			continue
		}
		var end string
		switch at := strings.IndexAny(*d.config[key], "#\r\n"); {
		case at < 0:
			continue
		case (*d.config[key])[at] == '#':
			end = "the first #, with which a comment begins there"
		default:
			end = "the end of its first line"
		}
		findings = append(findings, fault(flink.Path{"flinkConfiguration", key},
			fmt.Sprintf("Flink %s reads only a part of %s", d.version, key),
			fmt.Sprintf("The operator hands the value over in flink-conf.yaml, where it ends before %s; nothing escapes that. Flink 2.0 and later read it whole. "+
				"Change the value in flink_configuration, or give it to the job in another way, as an argument or an environment variable.", end))...)
	}
	return findings
}

// plainHighAvailability refuses a type that is blank or padded. For Flink's test
// (HighAvailabilityMode.fromConfig) everything but the names of its modes is
// the name of a class, so that the operator takes a blank text, and " none" too, for
// high availability and counts on metadata that no JobManager keeps.
func plainHighAvailability(d deployment) []flink.Finding {
	value, given := d.config.Get(flink.KeyHighAvailability)
	if !given || value != "" && value == flink.TrimBlanks(value) {
		return nil
	}
	return fault(d.keyPath(flink.KeyHighAvailability), fmt.Sprintf("%q is no type of high availability", value),
		"The operator takes it for the name of a class, and so for high availability, while the JobManager keeps no metadata to recover from. "+
			"Write \"kubernetes\" or \"NONE\" without blanks, or set the key to null to leave it out.")
}
