package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// story is the demonstration. Every claim that it makes is checked; one that is not true ends it with an error.
type story struct {
	console *console
	place   *workplace
	tale    tale
	stage   stage

	cli        *cli
	kubeconfig string
	cluster    *kube.Client
	// server is that of the platform; nil where it has none, and until it has started.
	server *devprocess.Process
	// ververica asks the server where that is one of Ververica Platform; nil otherwise.
	ververica *vvpServer
	// broker is nil where the story has none, and until it has started.
	broker *kfake.Cluster
	// applied: something is on the cluster that is not destroyed yet.
	applied bool
}

// step is one with a heading.
type step func(context.Context) error

// tell tells it.
func (s *story) tell(ctx context.Context) error {
	steps := s.tale.steps(s)
	s.console.steps = len(steps)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.console.say("\nThat is all. What the demo made is gone; what was built for it stays in the cache folder.")
	s.console.say("The configuration is in examples/%s; the README says how to use this build with your own.", s.tale.example)
	return nil
}

func (s *story) build(ctx context.Context) error {
	s.console.heading("Build the provider")
	var err error
	if s.cli, err = newCLI(s.place, s.tale, s.console); err != nil {
		return err
	}
	s.console.say("Everything happens in %s, which is removed in the end.", s.place.folder)
	s.console.command("go", "build", "-o", "plugin/terraform-provider-flink")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", s.place.path("plugin/terraform-provider-flink"), ".")
	cmd.Dir, cmd.SysProcAttr = s.place.root, apart()
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("building the provider: %w\n%s", err, text), ctx.Err())
	}
	s.console.say("%s finds it by the dev_overrides of a CLI configuration file, so that no init is needed.", s.cli.name)
	return nil
}

const (
	firstPlan   = "first.tfplan"
	upgradePlan = "upgrade.tfplan"
	crashPlan   = "crash.tfplan"
	destroyPlan = "destroy.tfplan"
	// upgraded is what the configuration is given from the upgrade on.
	upgraded = "-var=parallelism=4"
)

func (s *story) planOffline(ctx context.Context) error {
	s.console.heading("Plan the example, without a cluster")
	s.console.say("The configuration is examples/%s/%s. %s", s.tale.example, mainFile, s.tale.absent)
	s.console.say("The plan is complete all the same: what is sent (effective_spec) and what happens (rollout). Long values are")
	s.console.say("folded here.")
	s.console.command(s.cli.name, "plan")
	text, err := s.cli.output(ctx, "plan", "-out="+firstPlan)
	if err != nil {
		return err
	}
	s.console.write("\n" + fold(text, address, "rollout", "job"))
	planned, err := s.cli.deployment(ctx, firstPlan)
	if err != nil {
		return err
	}
	if planned.EffectiveSpec == "" || planned.Rollout.Action != "create" {
		return errors.New("the plan without a cluster lacks effective_spec or rollout")
	}
	return nil
}

func (s *story) start(ctx context.Context) error {
	s.console.heading("Bring up Kubernetes")
	s.stage.explain(s.console)
	var variables map[string]string
	var err error
	if s.kubeconfig, variables, err = s.stage.start(ctx, s.console); err != nil {
		return err
	}
	s.cli.use(s.kubeconfig, variables)
	s.cluster, err = kube.Connect(kube.Config{ConfigPath: s.kubeconfig})
	if err != nil {
		return err
	}
	s.console.say("The API server is %s.", s.cluster.Endpoint())
	return nil
}

func (s *story) create(ctx context.Context) error {
	s.console.heading("Apply: the environment and the job")
	s.console.say("The apply ends when the job runs. The lines with a bar are the demo's own watch of the %s.", s.tale.watched)
	if _, err := s.cli.output(ctx, "plan", "-out="+firstPlan); err != nil {
		return err
	}
	s.applied = true
	if err := s.watched(ctx, "apply", firstPlan); err != nil {
		return err
	}
	created, err := s.cli.deployment(ctx)
	if err != nil {
		return err
	}
	if created.Status.JobState != "RUNNING" {
		return fmt.Errorf("the apply ended, but the job is %q", created.Status.JobState)
	}
	s.console.say("\nThe job %s is %s.", created.Status.JobID, created.Status.JobState)
	return nil
}

// watched runs a command of the CLI, which has to succeed, and shows the deployments meanwhile.
func (s *story) watched(ctx context.Context, args ...string) error {
	stop := s.watch(ctx)
	defer stop()
	return s.cli.show(ctx, args...)
}

// watch shows what happens to the tale's deployments until the returned function is called.
func (s *story) watch(ctx context.Context) (stop func()) {
	if s.ververica != nil {
		return s.ververica.watch(ctx, s.tale, s.console)
	}
	return watch(ctx, s.cluster, s.tale, s.console)
}

func (s *story) planUpgrade(ctx context.Context) error {
	s.console.heading("Plan an upgrade: twice the parallelism")
	s.console.say("The plan says what the change does to the running job: look at rollout, and at the warning.")
	if err := s.cli.show(ctx, "plan", upgraded, "-out="+upgradePlan); err != nil {
		return err
	}
	planned, err := s.cli.deployment(ctx, upgradePlan)
	if err != nil {
		return err
	}
	if planned.Rollout.Action != "savepoint_upgrade" || planned.Rollout.State != "kept" {
		return fmt.Errorf("the plan is a %s that has the state %s, and not an upgrade with a savepoint", planned.Rollout.Action, planned.Rollout.State)
	}
	return nil
}

func (s *story) upgrade(ctx context.Context) error {
	s.console.heading("Apply it: stop with a savepoint, restart from it")
	if err := s.watched(ctx, "apply", upgradePlan); err != nil {
		return err
	}
	job, err := s.cli.deployment(ctx)
	if err != nil {
		return err
	}
	s.console.write("\n")
	return s.stateKept(ctx, job)
}

// stateKept shows that the job was restored from the savepoint of an update.
func (s *story) stateKept(ctx context.Context, job deployment) error {
	from, witness, err := s.restoredFrom(ctx, job)
	if err != nil {
		return err
	}
	if from == "" || from != job.Status.SavepointPath {
		return fmt.Errorf("the job was restored from %q, and the savepoint of the update is %q", from, job.Status.SavepointPath)
	}
	s.console.say("The savepoint of this update, from the attribute status.savepoint_path:\n    %s", job.Status.SavepointPath)
	s.console.say("%s\n    %s", witness, from)
	s.console.say("The job kept its state.")
	return nil
}

// restoredFrom says where the running job got its state from, and who says so.
func (s *story) restoredFrom(ctx context.Context, job deployment) (path, witness string, err error) {
	if s.ververica != nil {
		return s.ververica.restoredFrom(ctx, job)
	}
	return s.stage.restoredFrom(ctx, s.cluster, name, job)
}

func (s *story) planAgain(ctx context.Context) error {
	s.console.heading("Plan again: nothing to do")
	return s.cli.show(ctx, "plan", upgraded, "-detailed-exitcode")
}

func (s *story) crash(ctx context.Context) error {
	s.console.heading("Apply a version that crashes")
	s.console.say("With args = [\"--fail-after\", \"50\"] the job throws on its first numbers. The plan, an upgrade like the last one, is")
	s.console.say("left out. The apply fails with the cause, and the version before runs again.")
	if _, err := s.cli.output(ctx, "plan", upgraded, `-var=args=["--fail-after", "50"]`, "-out="+crashPlan); err != nil {
		return err
	}
	told := s.overhear()
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
	back, err := s.cli.deployment(ctx)
	if err != nil {
		return err
	}
	if back.Status.JobState != "RUNNING" {
		return fmt.Errorf("the version before was to run again, but the job is %q", back.Status.JobState)
	}
	s.console.say("\nThe apply has failed, and the job %s is %s.", back.Status.JobID, back.Status.JobState)
	return s.stateKept(ctx, back)
}

// overhear returns what the CLI has shown since, on one line.
func (s *story) overhear() (told func() string) {
	text := &strings.Builder{}
	s.cli.tee = text
	return func() string { return strings.Join(strings.Fields(text.String()), " ") }
}

func (s *story) destroy(ctx context.Context) error {
	s.console.heading("Destroy: the job's state stays in a savepoint")
	s.console.say("The plan, which lists every attribute once more, is left out.")
	if _, err := s.cli.output(ctx, "plan", "-destroy", upgraded, "-out="+destroyPlan); err != nil {
		return err
	}
	told := s.overhear()
	if err := s.watched(ctx, "apply", destroyPlan); err != nil {
		return err
	}
	s.applied = false
	if !strings.Contains(told(), `The state of "counter" is kept in file:`) {
		return errors.New("the destroy names no savepoint")
	}
	return nil
}

// cleanUp takes away what an interrupted or failed story left on the cluster, and stops the cluster.
func (s *story) cleanUp(ctx context.Context) error {
	var err error
	if s.broker != nil {
		defer s.broker.Close()
	}
	if _, shared := s.stage.(*realStage); shared && s.applied {
		s.console.say("\nCleaning up: destroying what was applied.")
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Minute)
		defer cancel()
		_, err = s.cli.output(cleaning, "destroy", "-auto-approve")
	}
	return errors.Join(err, s.stopServer(), s.stage.stop())
}

// stopServer ends the stand-in of the platform's server where it runs.
func (s *story) stopServer() error {
	if s.server == nil {
		return nil
	}
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("stopping the stand-in of the platform: %w", err)
	}
	return nil
}
