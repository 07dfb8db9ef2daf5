package main

import (
	"fmt"
	"strings"
)

// platform is one that the story can be told on.
type platform struct {
	// name is the one that the provider has for it.
	name string
	// example is the folder of its configuration, below examples. The story begins with mainFile alone.
	example string
	// namespace is the Kubernetes namespace of the example, where the operator runs the job.
	namespace string
	// absent says what is not there yet when the story begins, and watched where the FlinkDeployment comes from.
	absent, watched string
	steps           func(*story) []step
}

// platforms are all of them; the first is the default.
var platforms = []platform{
	{
		name: "operator", example: "quickstart", namespace: "flink-quickstart",
		absent: "There is no cluster yet and no kubeconfig.",
		steps:  onOperator,
	},
	{
		name: "confluent", example: "confluent", namespace: "flink-on-confluent",
		absent:  "There is neither a cluster nor a server yet.",
		watched: ",\nwhich Confluent Manager hands to the operator",
		steps:   onConfluent,
	},
}

func platformNames() string {
	var names []string
	for _, p := range platforms {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// platformOf returns the platform of a name.
func platformOf(name string) (platform, error) {
	for _, p := range platforms {
		if p.name == name {
			return p, nil
		}
	}
	return platform{}, fmt.Errorf("there is no demo of the platform %q; there are %s", name, platformNames())
}

// onOperator is the story on the Flink Kubernetes Operator.
func onOperator(s *story) []step {
	return []step{s.build, s.planOffline, s.start, s.create, s.planUpgrade, s.upgrade, s.planAgain, s.crash, s.destroy}
}

// onConfluent is the same story on Confluent Manager for Apache Flink, with a server more and a chapter of SQL.
func onConfluent(s *story) []step {
	return []step{s.build, s.planOffline, s.start, s.startManager, s.create, s.planUpgrade, s.upgrade, s.planAgain, s.crash, s.sql, s.destroy}
}
