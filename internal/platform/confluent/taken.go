package confluent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// firstWithPins is the first version that pins savepoints.
const firstWithPins = "2.4"

// savepointTaker takes the savepoints that are resources of their own: by the
// operator's rules, on the server. What the state keeps of one, its receipt, says
// where it is on the server.
type savepointTaker struct {
	inner        *operator.Savepoints
	applications *applications
}

// Savepoints implements platform.Platform.
func (c *Client) Savepoints() platform.Savepoints { return takerOf(c.applications()) }

func takerOf(a *applications) savepointTaker {
	t := savepointTaker{inner: operator.NewSavepoints(a), applications: a}
	t.inner.Names = map[string]string{"FlinkDeployment": applicationKind, "FlinkStateSnapshot": "Savepoint"}
	return t
}

// recalled is a savepoint that a receipt stands for, as the rest of the package knows
// it; its embedded part is what the caller knows of it.
type recalled struct {
	platform.ObservedSavepoint

	applications *applications
	taken        *taken
}

// recall makes a savepoint known that a receipt stands for. ok is false for a receipt
// that stands for none of the server.
func (t savepointTaker) recall(known platform.ObservedSavepoint) (r recalled, ok bool) {
	application, name, ok := strings.Cut(operator.SnapshotUID(known.Receipt), "/")
	if !ok {
		return r, false
	}
	asked := known.Savepoint
	asked.Name, asked.Job.Name = name, application
	r = recalled{known, t.applications, t.applications.taken(known.Namespace, application, name, operator.SnapshotOf(asked))}
	r.taken.pinned, r.taken.location = known.Pinned, known.Location
	t.applications.client.savepoints.put(r.key(), r.taken)
	return r, true
}

// key is what the savepoint goes by in this client: its name on the server, which no
// other has.
func (r recalled) key() kube.Key { return kube.Key{Namespace: r.Namespace, Name: r.taken.ref.Name} }

// onServer is what is known of it by its name on the server, and with the application
// whose job it is of.
func (r recalled) onServer() platform.ObservedSavepoint {
	known := r.ObservedSavepoint
	known.Name, known.Job.Name = r.taken.ref.Name, r.taken.application
	return known
}

// told returns what was observed of it by the names that it was asked for by. A
// location that was known once stays: its files do, whatever the server says of it, and
// what an import has found completed stays where it is. A pin counts as kept where the
// savepoint is detached, as nothing cleans up there.
func (r recalled) told(observed *platform.ObservedSavepoint, err error) (*platform.ObservedSavepoint, error) {
	if observed == nil {
		return nil, explainDeployment(err)
	}
	observed.Name, observed.Job = r.Name, r.Job
	observed.Handle = r.Job.Name + "/" + r.taken.ref.Name
	if observed.Location == "" && r.Location != "" {
		observed.Location, observed.State = r.Location, platform.SavepointCompleted
	}
	attached := r.applications.client.savepoints.seen(r.taken)
	observed.Pinned, observed.Unpinnable = r.Pinned, observed.Location != "" && attached == nil
	if attached != nil && observed.Location != "" {
		observed.Pinned = attached.Spec.pinned()
	}
	return observed, explainDeployment(err)
}

// Read implements platform.Savepoints.
func (t savepointTaker) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, ok := t.recall(known)
	if !ok {
		observed, err := t.inner.Read(ctx, known)
		return observed, explainDeployment(err)
	}
	return r.told(t.inner.Read(ctx, r.onServer()))
}

// Find implements platform.Savepoints: below the application of the name or of one of
// its colors, and among those that are detached. Of those the server does not tell
// whose job they are of, nor in which environment, so there the caller is believed.
func (t savepointTaker) Find(ctx context.Context, ref platform.Ref, deployment string) (*platform.ObservedSavepoint, error) {
	for _, application := range []string{deployment, deployment + "-" + flink.Blue, deployment + "-" + flink.Green} {
		found, err := t.applications.savepointsOf(ref.Namespace, application).get(ctx, platform.Ref{Namespace: ref.Namespace + "/" + application, Name: ref.Name})
		if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
			continue
		}
		if err != nil {
			return nil, explain(err)
		}
		return t.imported(ctx, ref, deployment, application, found)
	}
	found, err := detachedSavepoints(t.applications.client).get(ctx, platform.Ref{Name: ref.Name})
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		return nil, fmt.Errorf("%w: it is neither below the application %s or a color of that name, nor among those that are detached",
			&platform.NotFoundError{Kind: "Savepoint", Ref: platform.Ref{Namespace: ref.Namespace + "/" + deployment, Name: ref.Name}}, deployment)
	}
	if err != nil {
		return nil, explain(err)
	}
	return t.imported(ctx, ref, deployment, deployment, found)
}

// imported is a savepoint that was found. It stays where it is.
func (t savepointTaker) imported(ctx context.Context, ref platform.Ref, deployment, application string, found savepoint) (*platform.ObservedSavepoint, error) {
	name := ref.Name
	if asked := found.Metadata.Annotations[askedAnnotation]; asked != "" {
		name = asked
	}
	known := platform.ObservedSavepoint{Savepoint: platform.Savepoint{
		Ref: platform.Ref{Namespace: ref.Namespace, Name: name}, Job: platform.JobRef{Name: deployment},
		Format: formatOf(found.Spec), Directory: directoryOf(found), Pinned: found.Spec.pinned(),
	}, Receipt: operator.SnapshotReceipt(application + "/" + ref.Name)}
	if found.Status.State == completed {
		known.Location = found.Status.Path
	}
	return t.Read(ctx, known)
}

// formatOf is the format of a savepoint as a configuration has it. One that the server
// does not know counts as what a configuration means that says nothing.
func formatOf(spec savepointSpec) string {
	if strings.EqualFold(spec.Format, platform.FormatNative) {
		return platform.FormatNative
	}
	return platform.FormatCanonical
}

// directoryOf is where a savepoint was to be written, empty when that is not told: of
// one that was detached from the beginning, the path is the savepoint itself.
func directoryOf(is savepoint) string {
	if is.Spec.Path == is.Status.Path {
		return ""
	}
	return is.Spec.Path
}

// Take implements platform.Savepoints.
func (t savepointTaker) Take(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	if err := t.able(ctx, want); err != nil {
		return nil, err
	}
	through := *t.applications
	through.pinned = want.Pinned
	observed, err := takerOf(&through).inner.Take(ctx, want)
	if err != nil {
		return observed, explainDeployment(err)
	}
	known := *observed
	known.Savepoint = want
	known.Format = observed.Format
	r, _ := t.recall(known)
	return r.told(observed, nil)
}

// able refuses what the server cannot do with a savepoint.
func (t savepointTaker) able(ctx context.Context, want platform.Savepoint) error {
	switch {
	case want.Dispose:
		return keepsFiles()
	case want.Pinned:
		return explain(t.applications.client.require(ctx, "A pinned savepoint", firstWithPins))
	}
	return nil
}

// Await implements platform.Savepoints.
func (t savepointTaker) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, ok := t.recall(known)
	if !ok {
		observed, err := t.inner.Await(ctx, known)
		return observed, explainDeployment(err)
	}
	return r.told(t.inner.Await(ctx, r.onServer()))
}

// Change implements platform.Savepoints. What is still being taken gets its pin, or none,
// when it is completed.
func (t savepointTaker) Change(ctx context.Context, known platform.ObservedSavepoint, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	if err := t.able(ctx, want); err != nil {
		return &known, err
	}
	known.Pinned = want.Pinned
	r, ok := t.recall(known)
	if !ok || known.Location == "" {
		return &known, nil
	}
	_, err := t.applications.lookAtSavepoint(ctx, snapshots, r.key())
	if _, gone := errors.AsType[*kube.NotFoundError](err); gone {
		err = nil
	}
	if err == nil && want.Pinned && t.applications.client.savepoints.seen(r.taken) == nil {
		err = &platform.ExplainedError{
			Cause: "it belongs to no application any more", Err: fmt.Errorf("the savepoint %s is not below its application, and %s pins no other", r.taken.ref.Name, product),
			Remedy: "Plan again with a refresh: the plan then takes another savepoint, which is pinned.",
		}
	}
	return r.told(&known, err)
}

// Delete implements platform.Savepoints. A completed one stays on the server, detached,
// as what becomes of its files otherwise is not documented.
func (t savepointTaker) Delete(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	if known.Receipt == "" {
		// Terraform has forgotten the receipt of one that was tainted, and not its id.
		deployment, name, ok := strings.Cut(known.Handle, "/")
		if !ok {
			return "", nil
		}
		found, err := t.Find(ctx, platform.Ref{Namespace: known.Namespace, Name: name}, deployment)
		if err != nil {
			return "", absentIsGone(err)
		}
		known.Receipt, known.Location = found.Receipt, found.Location
	}
	known.Pinned = false
	r, ok := t.recall(known)
	if !ok {
		return "", nil
	}
	note, err := t.inner.Delete(ctx, r.onServer())
	if staying, ok := errors.AsType[*attachedError](err); ok {
		return fmt.Sprintf("It stays below its application, and would go with it: %s. To keep it, detach it:\n\n  %s", staying, staying.command("detach")), nil
	}
	return note, explainDeployment(err)
}

// keepsFiles refuses to dispose of the files of a savepoint.
func keepsFiles() error {
	return &platform.ExplainedError{
		Cause: product + " does not say what it deletes", Err: fmt.Errorf("nothing tells whether %s deletes the files of a savepoint", product),
		Remedy: "Leave dispose_on_destroy out: the files stay, and whoever has access to them deletes them.",
	}
}
