package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// startVerverica starts the stand-in of Ververica Platform beside the cluster.
func (s *story) startVerverica(ctx context.Context) error {
	s.console.heading("Bring up Ververica Platform")
	s.console.say("A stand-in of Ververica Platform serves its REST API and does what the platform does: it fills in defaults, follows")
	s.console.say("the desired state of each deployment, takes savepoints, and starts another job for another template. It hands its")
	s.console.say("jobs to the operator of this cluster; the platform has its own way to start Flink.")
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	var err error
	if s.server, err = startDevcluster(ctx, s.place.root, s.console, &ready, "vvp", "--kubeconfig", s.kubeconfig); err != nil {
		return fmt.Errorf("starting the stand-in of Ververica Platform: %w", err)
	}
	client, err := rest.Connect(rest.Config{Endpoint: ready.Endpoint})
	if err != nil {
		return err
	}
	s.ververica = &vvpServer{client}
	s.cli.env = append(s.cli.env, "VERVERICA_PLATFORM_URL="+ready.Endpoint)
	s.console.say("The server is %s.", ready.Endpoint)
	return nil
}

const (
	// copyFile is what comes to the configuration in the chapter about a second job.
	copyFile = "copy.tf"
	copyPlan = "copy.tfplan"
	// copyName is the deployment of copy.tf, copyAddress its address, and savepointAddress that of the savepoint there.
	copyName         = "counter-copy"
	copyAddress      = "flink_deployment.copy"
	savepointAddress = "flink_savepoint.counter"
	// storeKey is what the secret of copy.tf holds.
	storeKey = "not-a-real-key"
)

// secondJob is the chapter that this platform alone has.
func (s *story) secondJob(ctx context.Context) error {
	s.console.heading("Add a second job: from a savepoint of the first, with a secret")
	s.console.say("%s comes to the configuration: a secret value of the platform, a savepoint of the running job, and a job that", copyFile)
	s.console.say("starts from it. The first job runs on. Of the plan only the new job is shown here.")
	if err := s.cli.add(copyFile); err != nil {
		return err
	}
	text, err := s.cli.output(ctx, "plan", upgraded, "-out="+copyPlan)
	if err != nil {
		return err
	}
	s.console.command(s.cli.name, "plan", upgraded, "-out="+copyPlan)
	s.console.write("\n" + fold(text, copyAddress, "flink_configuration", "job", "rollout"))
	if err := s.watched(ctx, "apply", copyPlan); err != nil {
		return err
	}
	var job deployment
	var savepoint struct {
		Location string `json:"location"`
	}
	if err := errors.Join(s.cli.read(ctx, copyAddress, &job), s.cli.read(ctx, savepointAddress, &savepoint)); err != nil {
		return err
	}
	from, witness, err := s.ververica.restoredFrom(ctx, job)
	if err != nil {
		return err
	}
	if job.Status.JobState != "RUNNING" || savepoint.Location == "" || from != savepoint.Location {
		return fmt.Errorf("the second job is %q and has started from %q, and the savepoint is %q", job.Status.JobState, from, savepoint.Location)
	}
	state, err := s.cli.output(ctx, "show", "-json")
	if err != nil {
		return err
	}
	if strings.Contains(state, storeKey) {
		return errors.New("the value of the secret is in the state")
	}
	s.console.say("\nThe savepoint of the first job, from the attribute location:\n    %s", savepoint.Location)
	s.console.say("%s\n    %s", witness, from)
	s.console.say("What the secret holds is not in the state. The next plan is empty.")
	return s.cli.show(ctx, "plan", upgraded, "-detailed-exitcode")
}

// vvpNamespace is the namespace of Ververica Platform in the example.
const vvpNamespace = "quickstart"

// vvpServer is what the demo asks the server itself.
type vvpServer struct{ client *rest.Client }

// get reads something of the namespace. A *rest.StatusError of the code 404 tells that it is not there.
func (v *vvpServer) get(ctx context.Context, into any, path ...string) error {
	answer, err := v.client.Do(ctx, rest.Request{Method: http.MethodGet, Path: append([]string{"api", "v1", "namespaces", vvpNamespace}, path...)})
	if err != nil {
		return err
	}
	return answer.Decode(into)
}

// restoredFrom asks for the platform's Job, which notes the savepoint that it was started from.
func (v *vvpServer) restoredFrom(ctx context.Context, job deployment) (path, witness string, err error) {
	var started struct {
		Spec struct {
			SavepointLocation string `json:"savepointLocation"`
		} `json:"spec"`
	}
	if err := v.get(ctx, &started, "jobs", job.Status.JobID); err != nil {
		return "", "", fmt.Errorf("asking for the job: %w", err)
	}
	return started.Spec.SavepointLocation, "The platform says of its Job " + job.Status.JobID + " (spec.savepointLocation):", nil
}

// lookEvery is how often a Deployment is asked for: its transitions take longer.
const lookEvery = 100 * time.Millisecond

// watch shows what happens to the Deployments of a tale until the returned function is called.
func (v *vvpServer) watch(ctx context.Context, told tale, con *console) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	for _, name := range told.deployments {
		watching.Go(func() { v.follow(ctx, name, con) })
	}
	return func() {
		cancel()
		watching.Wait()
	}
}

// follow shows what happens to one Deployment until the context ends.
func (v *vvpServer) follow(ctx context.Context, name string, con *console) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	last := ""
	for {
		var found vvpDeployment
		err := v.get(ctx, &found, "deployments", name)
		line := found.String()
		switch {
		case rest.Code(err) == http.StatusNotFound && last != "":
			line = "is gone"
		case err != nil:
			line = ""
		}
		if line != "" && line != last {
			con.aside("Deployment %s/%s %s", vvpNamespace, name, line)
			last = line
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// vvpDeployment is what the demo shows of a Deployment.
type vvpDeployment struct {
	Spec struct {
		State string `json:"state"`
	} `json:"spec"`
	Status struct {
		State   string `json:"state"`
		Running struct {
			JobID string `json:"jobId"`
		} `json:"running"`
	} `json:"status"`
}

// String is its state on one line.
func (d vvpDeployment) String() string {
	line := "is " + d.Status.State
	if job := d.Status.Running.JobID; job != "" {
		line += ", job " + job
	}
	if d.Spec.State != d.Status.State {
		line += ", and shall be " + d.Spec.State
	}
	return line
}
