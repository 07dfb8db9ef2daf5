// Package platform is what the Terraform resources ask of a Flink platform: the
// Flink Kubernetes Operator and its like. One folder below implements one
// platform; none of them knows Terraform.
package platform

import (
	"context"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Ref names an object of a platform.
type Ref struct {
	Namespace string
	Name      string
}

// String returns "namespace/name".
func (r Ref) String() string { return r.Namespace + "/" + r.Name }

// Deployment is what one deployment shall be: its specification after
// expansion, and the labels and annotations of its object.
type Deployment struct {
	Ref
	Labels      map[string]string
	Annotations map[string]string
	Spec        flink.DeploymentSpec
	// Form is of which objects it shall consist, with an engine that is no
	// longer auto, and BlueGreen how its colors take turns.
	Form      flink.Form
	BlueGreen flink.BlueGreen
}

// Observed is a deployment as the platform has it.
type Observed struct {
	Ref
	// UID tells one object from another of the same name.
	UID string
	// Replaces are the uids of the objects of this name in whose place this
	// one was created, since the last update: it is the same deployment.
	Replaces    []string
	Generation  int64
	Labels      map[string]string
	Annotations map[string]string
	// Spec is the whole live specification, with what others added.
	Spec   flink.Tree
	Status flink.Status
	// RolledOut tells that the present specification runs, by the platform's
	// rules for the end of a rollout.
	RolledOut bool
	// Form is of which objects the deployment consists.
	Form flink.Form
	// Deleting tells that the object is on its way out.
	Deleting bool
	// Unfinished is the action of an update whose wait has not come to its
	// end, because it goes on or its process was killed; empty for none.
	Unfinished planner.Action
	// Applied tells, of an import, that this provider has written the object
	// before, which then has what the provider itself fills in.
	Applied bool
}

// Change is an update of a deployment that exists.
type Change struct {
	Deployment
	// Previous is the specification that ran before, as recorded in the
	// state; a rollback applies it again.
	Previous flink.DeploymentSpec
	Rollout  planner.Rollout
	// Awaited announces that AwaitRollout follows.
	Awaited bool
	// Rollback asks for the previous specification when the new one fails.
	Rollback bool
	// AllowStateLoss goes on where the newest state of the job is not known.
	AllowStateLoss bool
}

// WaitOptions bound a wait.
type WaitOptions struct {
	// PodErrorGrace is how long an error of a pod may last before it is a
	// failure; zero means two minutes.
	PodErrorGrace time.Duration
}

// DeleteOptions say what happens to the job before its deployment goes.
type DeleteOptions struct {
	// UID is the object to delete; another object of the same name stays.
	UID string
	// Savepoint suspends a running job with a savepoint first.
	Savepoint bool
	// AllowStateLoss deletes a job although nobody knows where its state is.
	AllowStateLoss bool
}

// Deleted reports what a delete left behind.
type Deleted struct {
	// SavepointPath is where the job can be restored from, or empty.
	SavepointPath string
	// Note says why there is no savepoint, or empty.
	Note string
}

// Deployments manages deployments on one platform. Errors for an absent object
// satisfy errors.As with *NotFoundError; a wait that ends with the cause
// returns *RolloutError together with what was last observed.
type Deployments interface {
	// Read returns the deployment, possibly from a list that one process
	// fetches once.
	Read(ctx context.Context, ref Ref) (*Observed, error)
	// Import returns the deployment with only what somebody has said about it,
	// without what the platform filled in.
	Import(ctx context.Context, ref Ref) (*Observed, error)
	// Check asks the platform whether it would take the deployment, in place of
	// the one that exists or as a new one, and writes nothing. *RejectedError is
	// its answer; *UncheckedError: it could answer, and does not. Nil is also the
	// answer of a platform that does not check, or cannot be asked.
	Check(ctx context.Context, want Deployment, exists bool) error
	// Create creates the deployment and returns at once. It refuses an object
	// that is there already, unless an interrupted create of the same
	// specification left it.
	Create(ctx context.Context, want Deployment) (*Observed, error)
	// Update writes a change and returns at once.
	Update(ctx context.Context, change Change) (*Observed, error)
	// AwaitRollout waits until what was written runs, or fails with the cause.
	// It also records that a create has come to its end.
	AwaitRollout(ctx context.Context, written *Observed, change planner.Rollout, options WaitOptions) (*Observed, error)
	// Settle records that a create needs no further wait.
	Settle(ctx context.Context, written *Observed) (*Observed, error)
	// Delete stops and deletes the deployment and waits until it is gone.
	Delete(ctx context.Context, ref Ref, options DeleteOptions) (Deleted, error)
}

// Environment is what one environment shall have on its platform.
type Environment struct {
	Namespace string
	// Name and Settings are kept on the platform for Find; without a name
	// nothing is kept.
	Name, Settings string
	// CreateNamespace is false when the namespace must exist already.
	CreateNamespace bool
	// ServiceAccount is created with the role and role binding that native
	// Kubernetes mode needs; empty: none.
	ServiceAccount string
	Labels         map[string]string
}

// ObservedEnvironment is an environment as the platform has it.
type ObservedEnvironment struct {
	// NamespaceUID is empty when the namespace is not ours.
	NamespaceUID string
	// Missing lists the objects that should exist and do not, for example
	// "service account flink".
	Missing []string
	// Settings are those that the platform keeps, empty for none; nil when they
	// may not be read.
	Settings *string
	// Unkept says why the settings could not be left on the platform; nil when
	// they were.
	Unkept error
}

// FoundEnvironment is an environment that somebody else has applied.
type FoundEnvironment struct {
	Name, Namespace, Settings string
}

// Environments manages environments on one platform.
type Environments interface {
	// Find returns the environment of a name, in a namespace or, where that is
	// empty, wherever it is the only one. *NoEnvironmentError says where it was
	// looked for.
	Find(ctx context.Context, name, namespace string) (*FoundEnvironment, error)
	// Read returns what exists; *NotFoundError when the namespace is gone.
	Read(ctx context.Context, want Environment) (*ObservedEnvironment, error)
	// Apply creates what the environment needs, or updates it from what the
	// previous one had; nil for a create, which refuses what is there already.
	// That the settings may not be kept is no error.
	Apply(ctx context.Context, want Environment, previous *Environment) (*ObservedEnvironment, error)
	// Delete removes what Apply created. It refuses with *InUseError while the
	// namespace holds Flink resources.
	Delete(ctx context.Context, want Environment) error
}
