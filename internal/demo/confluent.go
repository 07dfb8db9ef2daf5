package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// startManager starts the stand-in of Confluent Manager beside the cluster.
func (s *story) startManager(ctx context.Context) error {
	s.console.heading("Bring up Confluent Manager")
	s.console.say("A stand-in of Confluent Manager for Apache Flink serves its REST API. Like the real one, it hands each")
	s.console.say("application to the operator as a FlinkDeployment. Its SQL statements are only played: no Flink runs them.")
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	var err error
	if s.server, err = startDevcluster(ctx, s.place.root, s.console, &ready, "cmf", "--kubeconfig", s.kubeconfig); err != nil {
		return fmt.Errorf("starting the stand-in of Confluent Manager: %w", err)
	}
	s.cli.env = append(s.cli.env, "CONFLUENT_CMF_URL="+ready.Endpoint)
	s.console.say("The server is %s.", ready.Endpoint)
	return nil
}

const (
	// sqlFile is what comes to the configuration in the chapter about SQL.
	sqlFile = "sql.tf"
	sqlPlan = "sql.tfplan"
	// statement is the statement of sql.tf.
	statement = "flink_statement.totals"
	// secretValue is a part of what the secret of sql.tf holds.
	secretValue = "PlainLoginModule"
)

// sql is the chapter that this platform alone has.
func (s *story) sql(ctx context.Context) error {
	s.console.heading("Add SQL: from a secret to a statement that runs")
	s.console.say("%s comes to the configuration: the way to a Kafka cluster, a compute pool, and an SQL statement.", sqlFile)
	if err := s.cli.add(sqlFile); err != nil {
		return err
	}
	text, err := s.cli.output(ctx, "plan", upgraded, "-out="+sqlPlan)
	if err != nil {
		return err
	}
	s.console.say("Of the plan only the statement is shown here.")
	s.console.command(s.cli.name, "plan", upgraded, "-out="+sqlPlan)
	s.console.write("\n" + fold(text, statement, "environment", "properties", "rollout"))
	if err := s.cli.show(ctx, "apply", sqlPlan); err != nil {
		return err
	}
	var applied struct {
		Status struct {
			Phase string `json:"phase"`
		} `json:"status"`
	}
	if err := s.cli.read(ctx, statement, &applied); err != nil {
		return err
	}
	if applied.Status.Phase != "RUNNING" {
		return fmt.Errorf("the apply ended, but the statement is %q", applied.Status.Phase)
	}
	state, err := s.cli.output(ctx, "show", "-json")
	if err != nil {
		return err
	}
	if strings.Contains(state, secretValue) {
		return errors.New("the value of the secret is in the state")
	}
	s.console.say("\nThe statement is %s. What the secret holds is not in the state. The next plan is empty.", applied.Status.Phase)
	return s.cli.show(ctx, "plan", upgraded, "-detailed-exitcode")
}
