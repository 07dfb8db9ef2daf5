package main

import (
	"fmt"
	"slices"
	"strings"
)

// The stories that there are.
const (
	storyOfJob      = "job"
	storyOfPayments = "payments"
)

// tale is a story on a platform.
type tale struct {
	// story and platform are how it is asked for; the platform's name is the one that the provider has for it.
	story, platform string
	// example is the folder of its configuration, below examples, and files are those with which the story begins.
	example string
	files   []string
	// namespace is the Kubernetes namespace of the example, and deployments are those that come and go: FlinkDeployments there,
	// or Deployments of Ververica Platform.
	namespace   string
	deployments []string
	// absent says what is not there yet when the story begins, and watched what the demo watches.
	absent, watched string
	// embedded tells that it needs the embedded control plane.
	embedded bool
	steps    func(*story) []step
}

// tales are all of them; the first is the default.
var tales = []tale{
	{
		story: storyOfJob, platform: "operator", example: "quickstart", files: []string{mainFile},
		namespace: "flink-quickstart", deployments: []string{name},
		absent:  "There is no cluster yet and no kubeconfig.",
		watched: "FlinkDeployment",
		steps:   onOperator,
	},
	{
		story: storyOfJob, platform: "confluent", example: "confluent", files: []string{mainFile},
		namespace: "flink-on-confluent", deployments: []string{name},
		absent:  "There is neither a cluster nor a server yet.",
		watched: "FlinkDeployment,\nwhich Confluent Manager hands to the operator",
		steps:   onConfluent,
	},
	{
		story: storyOfJob, platform: "ververica", example: "ververica", files: []string{mainFile},
		namespace: "flink-on-ververica", deployments: []string{name, copyName},
		absent:  "There is neither a cluster nor a server yet.",
		watched: "platform's Deployment",
		steps:   onVerverica,
	},
	{
		story: storyOfPayments, platform: "operator", example: "scenarios/payments",
		files:     []string{mainFile, "schemas/payment.avsc", "schemas/enriched.avsc"},
		namespace: "flink-payments", deployments: []string{"payments-ingest", counting, "payments-score-blue", "payments-score-green"},
		absent:   "There is neither a cluster nor a broker yet.",
		embedded: true,
		steps:    ofPayments,
	},
}

// name is the tale's in a list of them.
func (t tale) name() string {
	if t.story == storyOfJob {
		return t.platform
	}
	return t.story
}

// taleOf returns the story of a name on the platform of a name.
func taleOf(story, platform string, onReal bool) (tale, error) {
	var stories, platforms []string
	for _, t := range tales {
		if !slices.Contains(stories, t.story) {
			stories = append(stories, t.story)
		}
		if t.story == story {
			platforms = append(platforms, t.platform)
		}
	}
	i := slices.IndexFunc(tales, func(t tale) bool { return t.story == story && t.platform == platform })
	switch {
	case len(platforms) == 0:
		return tale{}, fmt.Errorf("there is no demo %q; there are %s", story, strings.Join(stories, ", "))
	case i < 0:
		return tale{}, fmt.Errorf("there is no demo of the platform %q; there are %s", platform, strings.Join(platforms, ", "))
	case onReal && tales[i].embedded:
		return tale{}, fmt.Errorf("the demo %q runs on the embedded control plane alone", story)
	}
	return tales[i], nil
}

// onOperator is the story of a job on the Flink Kubernetes Operator.
func onOperator(s *story) []step {
	return []step{s.build, s.planOffline, s.start, s.create, s.planUpgrade, s.upgrade, s.planAgain, s.crash, s.destroy}
}

// onConfluent is the same story on Confluent Manager for Apache Flink, with a server more and a chapter of SQL.
func onConfluent(s *story) []step {
	return []step{s.build, s.planOffline, s.start, s.startManager, s.create, s.planUpgrade, s.upgrade, s.planAgain, s.crash, s.sql, s.destroy}
}

// onVerverica is the same story on Ververica Platform, with a server more and a chapter about a second job.
func onVerverica(s *story) []step {
	return []step{s.build, s.planOffline, s.start, s.startVerverica, s.create, s.planUpgrade, s.upgrade, s.planAgain, s.crash, s.secondJob, s.destroy}
}
