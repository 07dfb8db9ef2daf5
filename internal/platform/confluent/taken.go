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

// recall makes a savepoint of another process known.
func (t savepointTaker) recall(known platform.ObservedSavepoint) {
	application, name, there := strings.Cut(operator.SnapshotUID(known.Receipt), "/")
	key := kube.Key{Namespace: known.Namespace, Name: known.Name}
	all := &t.applications.client.savepoints
	if of := all.get(key); !there || of != nil && of.ref.Name == name {
		return
	}
	known.Job.Name = application
	all.put(key, &taken{
		kind: t.applications.savepointsOf(known.Namespace, application), application: application,
		ref: platform.Ref{Name: name}, asked: operator.SnapshotOf(known.Savepoint),
	})
}

// Read implements platform.Savepoints.
func (t savepointTaker) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	t.recall(known)
	observed, err := t.inner.Read(ctx, known)
	return observed, explainDeployment(err)
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
	t.recall(known)
	observed, err := t.inner.Await(ctx, known)
	return observed, explainDeployment(err)
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
	t.recall(known)
	note, err := t.inner.Delete(ctx, known)
	return note, explainDeployment(err)
}

// keepsFiles refuses to dispose of the files of a savepoint.
func keepsFiles() error {
	return &platform.ExplainedError{
		Cause: product + " does not say what it deletes", Err: fmt.Errorf("nothing tells whether %s deletes the files of a savepoint", product),
		Remedy: "Leave dispose_on_destroy out: the files stay, and whoever has access to them deletes them.",
	}
}
