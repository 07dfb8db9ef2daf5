package confluent

import (
	"context"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// savepointTaker takes the savepoints that are resources of their own: by the
// operator's rules, on the server. What the state keeps of one, its receipt, says
// where it is on the server.
type savepointTaker struct {
	inner        *operator.Savepoints
	applications *applications
}

// Savepoints implements platform.Platform.
func (c *Client) Savepoints() platform.Savepoints {
	t := savepointTaker{applications: c.applications()}
	t.inner = operator.NewSavepoints(t.applications)
	t.inner.Names = map[string]string{"FlinkDeployment": applicationKind, "FlinkStateSnapshot": "Savepoint"}
	return t
}

// recall makes a savepoint known that a receipt stands for, and returns it by its name
// on the server, which no other has, and with the application whose job it is of.
func (t savepointTaker) recall(known platform.ObservedSavepoint) platform.ObservedSavepoint {
	application, name, there := strings.Cut(operator.SnapshotUID(known.Receipt), "/")
	if !there {
		return known
	}
	known.Name, known.Job.Name = name, application
	all, key := &t.applications.client.savepoints, kube.Key{Namespace: known.Namespace, Name: name}
	if all.get(key) == nil {
		all.put(key, t.applications.taken(known.Namespace, application, name, operator.SnapshotOf(known.Savepoint)))
	}
	return known
}

// told returns what was observed of a savepoint by the name that it was asked for. A
// location that was known once stays: its files do, whatever the server says of it.
func told(known platform.ObservedSavepoint, observed *platform.ObservedSavepoint, err error) (*platform.ObservedSavepoint, error) {
	if observed != nil {
		observed.Name, observed.Job = known.Name, known.Job
		if observed.Location == "" && known.Location != "" {
			observed.Location, observed.State = known.Location, platform.SavepointCompleted
		}
	}
	return observed, explainDeployment(err)
}

// Read implements platform.Savepoints.
func (t savepointTaker) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	observed, err := t.inner.Read(ctx, t.recall(known))
	return told(known, observed, err)
}

// Take implements platform.Savepoints.
func (t savepointTaker) Take(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	if want.Dispose {
		return nil, keepsFiles()
	}
	observed, err := t.inner.Take(ctx, want)
	return observed, explainDeployment(err)
}

// Await implements platform.Savepoints.
func (t savepointTaker) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	observed, err := t.inner.Await(ctx, t.recall(known))
	return told(known, observed, err)
}

// SetDispose implements platform.Savepoints.
func (t savepointTaker) SetDispose(_ context.Context, _ platform.ObservedSavepoint, dispose bool) error {
	if dispose {
		return keepsFiles()
	}
	return nil
}

// Delete implements platform.Savepoints. A completed one stays on the server, as what
// becomes of its files otherwise is not documented.
func (t savepointTaker) Delete(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	if known.Receipt == "" {
		if known.Location != "" {
			return "", nil
		}
		return fmt.Sprintf("Terraform has forgotten which one of the server it was, as it was tainted. If it was taken, it stays below the application %s as %s-… with a random ending: detach it to keep it, or delete it.",
			known.Job.Name, known.Name), nil
	}
	note, err := t.inner.Delete(ctx, t.recall(known))
	return note, explainDeployment(err)
}

// keepsFiles refuses to dispose of the files of a savepoint.
func keepsFiles() error {
	return &platform.ExplainedError{
		Cause: product + " does not say what it deletes", Err: fmt.Errorf("nothing tells whether %s deletes the files of a savepoint", product),
		Remedy: "Leave dispose_on_destroy out: the files stay, and whoever has access to them deletes them.",
	}
}
