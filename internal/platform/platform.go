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
	// Namespace is empty for an object that is in none.
	Namespace string
	Name      string
}

// String returns "namespace/name", or the name alone.
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Name
	}
	return r.Namespace + "/" + r.Name
}

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
	Spec flink.Tree
	// Enforced is what runs beside what was applied: what the platform adds from an
	// environment to a specification that it keeps as it is told, or what its defaults
	// have filled in; nil for nothing.
	Enforced flink.Tree
	Status   flink.Status
	// RolledOut tells that the present specification runs, by the platform's
	// rules for the end of a rollout.
	RolledOut bool
	// Form is of which objects the deployment consists.
	Form flink.Form
	// Unfinished is the action of an update whose wait has not come to its
	// end, because it goes on or its process was killed; empty for none. What
	// was written may be rolled out by now.
	Unfinished planner.Action
	// Written is, of what is unfinished, what this provider has written: the
	// specification with the labels and annotations under "metadata". An apply
	// that was killed may have written more than the caller knows of. Nil when
	// nothing is unfinished.
	Written flink.Tree
	// Resumed tells, of a create, that the job starts from the state of another
	// deployment of this name, whose re-creation did not come to its end; nil for
	// none.
	Resumed *Resumed
	// Applied tells, of an import, that this provider has written the object
	// before, which then has what the provider itself fills in.
	Applied bool
	// LeftOut are, of an import, the paths in the object of what somebody has
	// said and no attribute holds. They stay as they are.
	LeftOut []flink.Path
	// Choices are, of an import, what the object says about its colors, by the
	// keys of the attribute upgrade.blue_green.
	Choices map[string]string
}

// Resumed is a state that was noted while a deployment was created again.
type Resumed struct {
	// Path is where the state is.
	Path string
	// Place names where the path was noted, and Since when.
	Place string
	Since time.Time
}

// Change is what shall become of a deployment.
type Change struct {
	Deployment
	// Was is the deployment before the change; nil for a create.
	Was     *Was
	Rollout planner.Rollout
	// Begun tells that an earlier apply has written the change.
	Begun bool
	// Awaited announces that Rollout.Await follows.
	Awaited bool
	// Held ends when the caller of a create ends; nil for none. Until then, and until Holder.Release,
	// the deployment counts as one whose create has not come to its end: no state has it yet.
	Held <-chan struct{}
	// Rollback asks for the previous specification when the new one fails.
	Rollback bool
	// AllowStateLoss goes on where the newest state of the job is not known.
	AllowStateLoss bool
	// AcceptStateRisk has the words of the risks to the state that are accepted
	// (planner.Input).
	AcceptStateRisk string
}

// Was is what the caller knows of a deployment before a change: what the write
// must find, and what a rollback puts back.
type Was struct {
	// UID is the object's. The platform writes over that object alone, or over
	// one that was created in its place (Observed.Replaces); empty for any.
	UID         string
	Spec        flink.DeploymentSpec
	Labels      map[string]string
	Annotations map[string]string
	Form        flink.Form
	// KeptSavepoint and KeptVersion are those of flink.Status, which no platform
	// observes.
	KeptSavepoint, KeptVersion string
}

// DeleteOptions say what happens to the job before its deployment goes.
type DeleteOptions struct {
	// UID is the object to delete; another object of the same name stays.
	UID string
	// Savepoint suspends a running job with a savepoint first.
	Savepoint bool
	// AllowStateLoss deletes a job although nobody knows where its state is.
	AllowStateLoss bool
	// Replaced tells that a create of the same name follows, which has to find
	// where the state of the job is.
	Replaced bool
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
	// its answer; *UncheckedError: it could answer, and does not before the
	// context ends. Nil is also the answer of a platform that does not check, or
	// cannot be asked.
	Check(ctx context.Context, want Deployment, exists bool) error
	// Begin writes a change, or goes on with one that was begun, and returns at
	// once. A create refuses an object that is there already, unless an
	// interrupted create of the same specification left it. *OtherObjectError: the
	// object that exists is not the one of the change, and nothing was written.
	Begin(ctx context.Context, change Change) (Rollout, error)
	// Delete stops and deletes the deployment and waits until it is gone.
	Delete(ctx context.Context, ref Ref, options DeleteOptions) (Deleted, error)
}

// Rollout is a change that was written, and what is left to do about it: either
// Await or Settle.
type Rollout interface {
	// Observed is the deployment as the write left it.
	Observed() *Observed
	// Await waits until what was written runs, or fails with the cause. It also
	// records that a create has come to its end.
	Await(ctx context.Context) (*Observed, error)
	// Settle records that the change needs no further wait.
	Settle(ctx context.Context) (*Observed, error)
}

// Adviser is a platform of deployments that knows, once it is connected, more of what becomes of a specification than its
// rules do.
type Adviser interface {
	// Advise returns what a plan says about a deployment beside what it would be refused for. It writes nothing, and
	// returns nothing where it does not know before the context ends.
	Advise(ctx context.Context, want Deployment) []flink.Finding
}

// SecretKeeper is a platform of deployments that keeps values for them which
// nobody else has.
type SecretKeeper interface {
	// KeepSecret writes a Secret in the deployment's namespace. A Secret of others
	// with the name is an error, and so is, of a create, one with other values
	// while there is a deployment of that name: that one takes its values from it.
	// *OtherObjectError: the deployment is not the one of the change. *BegunError:
	// another resource of the same apply creates a deployment of that name.
	KeepSecret(ctx context.Context, ref Ref, secret OwnSecret) error
	// DiscardSecret deletes what KeepSecret wrote for a create that has failed with
	// an error, unless there is a deployment that may use it.
	DiscardSecret(ctx context.Context, ref Ref, name string, failed error) error
	// DropSecrets deletes the Secrets that KeepSecret wrote for the deployment,
	// all but those of the given names.
	DropSecrets(ctx context.Context, ref Ref, except ...string) error
}

// SavepointKeeper is a platform of deployments that deletes savepoints by itself, and can
// leave one alone.
type SavepointKeeper interface {
	// KeepSavepoint has the platform leave alone the savepoint at a path, which it took
	// of the deployment of a specification. Where it may delete it all the same, the
	// answer is a text that says so, with the remedy.
	KeepSavepoint(ctx context.Context, ref Ref, spec flink.DeploymentSpec, path string) (risk string, err error)
}

// Holder is a platform of deployments on which a create that was killed is known, also after what it
// created runs (Change.Held).
type Holder interface {
	// Release ends the create of a deployment, of the object with the uid.
	Release(ctx context.Context, ref Ref, uid string) error
}

// StreamletFinder is a platform of deployments that finds those of a stream application.
type StreamletFinder interface {
	// Streamlets returns the deployments with the label of an application, by the value of
	// StreamletLabel.
	Streamlets(ctx context.Context, namespace, application string) (map[string]Ref, error)
	// KeptSecret returns the values of a Secret that the provider keeps for a deployment, by key.
	// *NotFoundError where there is none; nil of a platform that keeps none.
	KeptSecret(ctx context.Context, ref Ref, name string) (map[string]string, error)
	// KeepsSecrets tells whether there are Secrets that the provider keeps for a deployment, which
	// may be gone.
	KeepsSecrets(ctx context.Context, ref Ref) (bool, error)
}

// OwnSecret is a Secret that the provider keeps for a deployment.
type OwnSecret struct {
	Name string
	// Values are by key, in plain text.
	Values map[string]string
	// Create tells that the deployment is still to be created.
	Create bool
	// UID is the deployment's before a change, by the rules of Was; empty for any.
	UID string
}

// Environment is what one environment shall have on its platform.
type Environment struct {
	Namespace string
	// NamespaceUID is that of the namespace when it is known and the
	// environment's own, or what tells the environment itself from others of its
	// name; an update writes over no other one.
	NamespaceUID string
	// Name and Settings are kept on the platform for Find; without a name
	// nothing is kept.
	Name, Settings string
	// CreateNamespace is false when the namespace must exist already.
	CreateNamespace bool
	// ServiceAccount is created with the role and role binding that native
	// Kubernetes mode needs; empty: none.
	ServiceAccount string
	Labels         map[string]string
	// Cluster is the Kubernetes cluster that the namespace is in, for a platform
	// that has several; empty for its default.
	Cluster string
	// PoolDefaults and StatementDefaults are what the environment says to compute
	// pools and to SQL statements, in the platform's form; nil for nothing.
	PoolDefaults, StatementDefaults flink.Tree
	// DeploymentTarget is the name by which the platform knows the Kubernetes
	// namespace, for a platform that keeps such names.
	DeploymentTarget string
	// RoleBindings are the members of roles in the environment, by role: all members
	// of these roles, and nothing about others.
	RoleBindings map[string][]string
	// Specification is what the environment is, in the words of a platform that has an
	// object with a specification of it; nil for nothing.
	Specification flink.Tree
	// OperatorNamespace is where the platform's own operator is, KafkaCluster the name by which that knows the
	// brokers, and Logback the configuration of logging of what it runs; empty for its defaults.
	OperatorNamespace, KafkaCluster, Logback string
	// RESTClass is what the environment makes for the controller of its custom resources; nil for
	// nothing.
	RESTClass *RESTClass
}

// ObservedEnvironment is an environment as the platform has it.
type ObservedEnvironment struct {
	// NamespaceUID is empty when the namespace is not ours.
	NamespaceUID string
	// Missing lists what should be there and is not, an object, a label or the
	// contents of an object, for example "service account flink" or
	// "label team=payments of namespace flink-prod".
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
	// Access is what it has beside its settings; nil when that is not on record.
	Access *Access
	// Unrecorded tells that the settings are not those that somebody has left, but what
	// the environment enforces.
	Unrecorded bool
	// Cluster, PoolDefaults, StatementDefaults, DeploymentTarget and CreateNamespace are
	// those of Environment.
	Cluster                         string
	PoolDefaults, StatementDefaults flink.Tree
	DeploymentTarget                string
	CreateNamespace                 bool
	// Specification is that of Environment, without what the platform has filled in.
	Specification flink.Tree
	// OperatorNamespace, KafkaCluster and Logback are those of Environment.
	OperatorNamespace, KafkaCluster, Logback string
	RESTClass                                *RESTClass
}

// Access is the service account of an environment, empty for none, and the
// labels of what it has created.
type Access struct {
	ServiceAccount string
	Labels         map[string]string
}

// Environments manages environments on one platform.
type Environments interface {
	// Find returns the environment of a name, in a namespace or, where that is
	// empty, wherever it is the only one; or, without a name, that of a
	// namespace. *NoEnvironmentError says where it was looked for.
	Find(ctx context.Context, name, namespace string) (*FoundEnvironment, error)
	// Read returns what exists; *NotFoundError when the namespace is gone.
	Read(ctx context.Context, want Environment) (*ObservedEnvironment, error)
	// Apply creates what the environment needs, or updates it from what the
	// previous one had; nil for a create, which refuses what is there already.
	// That the settings may not be kept is no error. *OtherObjectError: the
	// namespace is not the previous one's, and nothing was written.
	Apply(ctx context.Context, want Environment, previous *Environment) (*ObservedEnvironment, error)
	// Delete removes what Apply created. It refuses with *InUseError while the
	// namespace holds Flink resources.
	Delete(ctx context.Context, want Environment) error
}
