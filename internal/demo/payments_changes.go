package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const (
	fasterPlan  = "faster.tfplan"
	scoringPlan = "scoring.tfplan"
	renamePlan  = "rename.tfplan"
)

// edited makes a change of the configuration, and shows it.
func (s *story) edited(edits ...edit) error {
	for _, e := range edits {
		s.console.write(e.String())
	}
	return s.cli.change(edits...)
}

func (s *story) upgradeOne(ctx context.Context) error {
	s.console.heading("Change one streamlet")
	s.console.say("The plan shows that streamlet and no other. What changes is yellow in the diagram.")
	if err := s.edited(faster); err != nil {
		return err
	}
	if err := s.cli.show(ctx, "plan", "-out="+fasterPlan); err != nil {
		return err
	}
	planned, err := s.cli.application(ctx, fasterPlan)
	if err != nil {
		return err
	}
	if one := planned.Rollout["count"]; one.Action != "savepoint_upgrade" || one.State != "kept" {
		return fmt.Errorf("the plan is a %s of count that has the state %s, and not an upgrade with a savepoint", one.Action, one.State)
	}
	if err := s.alone(ctx, func() error { return s.watched(ctx, "apply", fasterPlan) }, counting); err != nil {
		return err
	}
	return s.countsKept(ctx, "count")
}

// countsKept shows that the job that counts was restored from the savepoint of the last change, under the name that its
// streamlet has.
func (s *story) countsKept(ctx context.Context, streamlet string) error {
	is, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	var job deployment
	job.Status.SavepointPath = is.Status[streamlet].SavepointPath
	from, witness, err := s.stage.restoredFrom(ctx, s.cluster, counting, job)
	if err != nil {
		return err
	}
	if from == "" || from != job.Status.SavepointPath {
		return fmt.Errorf("the job was restored from %q, and the savepoint of the change is %q", from, job.Status.SavepointPath)
	}
	s.console.say("%s\n    %s", witness, from)
	s.console.say("That is status[%q].savepoint_path: the job kept its state.", streamlet)
	return nil
}

func (s *story) switchOne(ctx context.Context) error {
	s.console.heading("Switch another one without a gap")
	s.console.say("score has upgrade.strategy = \"blue_green\": the new version starts beside the old one, from a savepoint of it, and")
	s.console.say("takes over when it has proved itself. Of the plan only its rollout is shown here.")
	if err := s.edited(scoring); err != nil {
		return err
	}
	text, err := s.cli.output(ctx, "plan", "-out="+scoringPlan)
	if err != nil {
		return err
	}
	s.console.command(s.cli.name, "plan", "-out="+scoringPlan)
	s.console.write("\n" + fold(text, application, "rollout"))
	if err := s.alone(ctx, func() error { return s.watched(ctx, "apply", scoringPlan) }, "payments-score-blue", "payments-score-green"); err != nil {
		return err
	}
	is, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	if score := is.Status["score"]; score.ActiveColor != "green" || score.JobState != "RUNNING" {
		return fmt.Errorf("the active color of score is %q, and its job is %q", score.ActiveColor, score.JobState)
	}
	s.console.say("green is active, and blue is gone.")
	return nil
}

func (s *story) crashOne(ctx context.Context) error {
	s.console.heading("Apply a version that crashes")
	s.console.say("The job of this image throws on its first records. The apply fails with the cause and names the streamlet, whose")
	s.console.say("version before runs again. The plan is left out.")
	if err := s.edited(crashing); err != nil {
		return err
	}
	if _, err := s.cli.output(ctx, "plan", "-out="+crashPlan); err != nil {
		return err
	}
	told := s.overhear()
	fails := func() error {
		stop := s.watch(ctx)
		code, err := s.cli.shown(ctx, "apply", crashPlan)
		stop()
		switch {
		case err != nil:
			return err
		case code == 0:
			return errors.New("the apply of a version that crashes ended well")
		case !strings.Contains(told(), "Rolled back: the previous version"):
			return errors.New("the apply of a version that crashes says nothing of a rollback")
		}
		return nil
	}
	if err := s.alone(ctx, fails, counting); err != nil {
		return err
	}
	is, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	for name, status := range is.Status {
		if status.JobState != "RUNNING" {
			return fmt.Errorf("the job of %s is %q", name, status.JobState)
		}
	}
	s.console.say("All three jobs are RUNNING.")
	if err := s.countsKept(ctx, "count"); err != nil {
		return err
	}
	s.console.say("\nThe change is taken back:")
	return s.edited(crashing.undone())
}

func (s *story) renameOne(ctx context.Context) error {
	s.console.heading("Give a streamlet another name")
	s.console.say("moved_from says that enrich goes on with what runs as count. Nothing restarts.")
	if err := s.edited(renamed...); err != nil {
		return err
	}
	before, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	text, err := s.cli.output(ctx, "plan", "-out="+renamePlan)
	if err != nil {
		return err
	}
	s.console.command(s.cli.name, "plan", "-out="+renamePlan)
	s.console.write("\n" + fold(text, application, "deployment_ids", "topics"))
	if err := s.alone(ctx, func() error { return s.watched(ctx, "apply", renamePlan) }); err != nil {
		return err
	}
	now, err := s.cli.application(ctx)
	if err != nil {
		return err
	}
	if id := now.Status["enrich"].JobID; id == "" || id != before.Status["count"].JobID || !strings.HasSuffix(now.DeploymentIDs["enrich"], "/"+counting) {
		return fmt.Errorf("enrich is %s with the job %q, and count had the job %q", now.DeploymentIDs["enrich"], id, before.Status["count"].JobID)
	}
	s.console.say("enrich is %s, with the same job as before. The next plan is empty.", now.DeploymentIDs["enrich"])
	return s.cli.show(ctx, "plan", "-detailed-exitcode")
}

func (s *story) destroyApplication(ctx context.Context) error {
	s.console.heading("Destroy: savepoints and topics stay")
	s.console.say("The plan, which lists every attribute once more, is left out.")
	if _, err := s.cli.output(ctx, "plan", "-destroy", "-out="+destroyPlan); err != nil {
		return err
	}
	told := s.overhear()
	if err := s.watched(ctx, "apply", destroyPlan); err != nil {
		return err
	}
	s.applied = false
	for _, name := range []string{"payments-ingest", counting, "payments-score"} {
		if !strings.Contains(told(), fmt.Sprintf("The state of %q is kept in s3:", name)) {
			return fmt.Errorf("the destroy names no savepoint of %s", name)
		}
	}
	s.console.say("\nThe broker has all topics with their records; delete_topics_on_destroy = true would have deleted them:")
	return s.topicsAreThere()
}
