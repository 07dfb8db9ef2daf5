package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	application = "flink_stream_application.payments"
	// counting is the deployment of the streamlet that gets another name in the story.
	counting = "payments-count"
)

// The changes of the configuration, which are those that a user makes.
var (
	// renamed lead from the configuration with which the story begins to that of the example.
	renamed = []edit{
		{"    count = {\n", "    # It was called count once. Its deployment is payments-count to this day, and no job has restarted for the new name.\n    enrich = {\n      moved_from  = \"count\"\n"},
		{`"count.payments"`, `"enrich.payments"`},
		{`"count.enriched"`, `"enrich.enriched"`},
	}
	faster  = edit{"payments.Enrich\"\n      parallelism = 2", "payments.Enrich\"\n      parallelism = 4"}
	scoring = edit{"payments-scoring:2.1.0", "payments-scoring:2.2.0"}
	// crashing is an image of which the stand-in takes the job for one that throws on its first records.
	crashing = edit{
		"    count = {\n      image       = \"registry.example.com/payments:1.4.0\"",
		"    count = {\n      image       = \"registry.example.com/payments:crash-1.5.0\"",
	}
)

// topicsOfPayments are the topics of the example by their names in Kafka, with their partitions.
var topicsOfPayments = map[string]int{"payment-lines": 4, "payment-lines.rejected": 1, "valid": 4, "enriched": 2, "scored": 2}

// ofPayments is the story of a stream application.
func ofPayments(s *story) []step {
	return []step{
		s.build, s.planApplication, s.start, s.startBroker, s.createApplication, s.document,
		s.upgradeOne, s.switchOne, s.crashOne, s.renameOne, s.destroyApplication,
	}
}

// blueprint is what the state says of the application, or a plan.
type blueprint struct {
	DeploymentIDs map[string]string `json:"deployment_ids"`
	Rollout       map[string]struct {
		Action  string `json:"action"`
		State   string `json:"state"`
		Summary string `json:"summary"`
	} `json:"rollout"`
	Status map[string]struct {
		JobID         string `json:"job_id"`
		JobState      string `json:"job_state"`
		SavepointPath string `json:"savepoint_path"`
		ActiveColor   string `json:"active_color"`
	} `json:"status"`
	Diagram string `json:"diagram"`
}

// application reads the application from the state, or from a plan.
func (c *cli) application(ctx context.Context, plan ...string) (blueprint, error) {
	var a blueprint
	err := c.read(ctx, application, &a, plan...)
	return a, err
}

func (s *story) planApplication(ctx context.Context) error {
	s.console.heading("Plan three jobs and five topics, without a cluster")
	if err := s.cli.change(undone(renamed)...); err != nil {
		return err
	}
	s.console.say("The configuration is examples/%s/%s: the streamlets ingest, count and score, and the topics", s.tale.example, mainFile)
	s.console.say("that join them. %s The plan checks the blueprint all the same:", s.tale.absent)
	s.console.say("ports, names, and whether each reader's Avro schema reads what the writers write. Long values are folded here.")
	s.console.command(s.cli.name, "plan")
	text, err := s.cli.output(ctx, "plan", "-out="+firstPlan)
	if err != nil {
		return err
	}
	s.console.write("\n" + fold(text, application, "diagram", "deployment_ids"))
	planned, err := s.cli.application(ctx, firstPlan)
	if err != nil {
		return err
	}
	if len(planned.Rollout) != 3 || planned.Rollout["score"].Action != "create" {
		return errors.New("the plan without a cluster does not create three streamlets")
	}
	return nil
}

// undone are edits that take others back.
func undone(edits []edit) []edit {
	var out []edit
	for _, e := range edits {
		out = append(out, e.undone())
	}
	return out
}

// startBroker starts a broker in this process.
func (s *story) startBroker(context.Context) error {
	s.console.heading("Bring up a Kafka broker")
	var err error
	if s.broker, err = kfake.NewCluster(kfake.NumBrokers(1)); err != nil {
		return fmt.Errorf("starting the broker: %w", err)
	}
	at := s.broker.ListenAddrs()[0]
	s.cli.variables = append(s.cli.variables, "-var=admin_bootstrap_servers="+at)
	slices.Sort(s.cli.variables)
	s.console.say("A broker inside the demo speaks Kafka's protocol (kfake, with which the authors of the Go client franz-go test).")
	s.console.say("The provider makes topics there, at %s. The jobs would reach it by the name in bootstrap_servers.", at)
	return nil
}

func (s *story) createApplication(ctx context.Context) error {
	s.console.heading("Apply: the topics, then the jobs")
	s.console.say("The apply ends when all jobs run. The lines with a bar are the demo's own watch of the FlinkDeployments.")
	if _, err := s.cli.output(ctx, "plan", "-out="+firstPlan); err != nil {
		return err
	}
	s.applied = true
	if err := s.watched(ctx, "apply", firstPlan); err != nil {
		return err
	}
	created, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	for name, status := range created.Status {
		if status.JobState != "RUNNING" {
			return fmt.Errorf("the apply ended, but the job of %s is %q", name, status.JobState)
		}
	}
	s.console.say("\nThe attribute diagram, which Mermaid draws:\n\n%s\nThe broker has these topics, with so many partitions:", created.Diagram)
	return s.topicsAreThere()
}

// topicsAreThere asks the broker for the topics of the application, and shows them.
func (s *story) topicsAreThere() error {
	for _, topic := range slices.Sorted(maps.Keys(topicsOfPayments)) {
		is, want := len(s.broker.PartitionInfos(topic)), topicsOfPayments[topic]
		if is != want {
			return fmt.Errorf("the broker has the topic %s with %d partitions, and not with %d", topic, is, want)
		}
		s.console.say("    %-24s %d", topic, is)
	}
	return nil
}
