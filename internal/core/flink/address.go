package flink

import "strconv"

// RestPort is the port of the JobManager's REST server in a specification
// (RestOptions.PORT).
func RestPort(spec Tree) int {
	const option, standard = "rest.port", 8081
	if port, err := strconv.Atoi(Flatten(spec["flinkConfiguration"])[option]); err == nil {
		return port
	}
	return standard
}
