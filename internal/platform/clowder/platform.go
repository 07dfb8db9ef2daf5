package clowder

import (
	"context"
	"errors"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Platform is a cluster with Clowder. It implements platform.Platform, and is safe for
// concurrent use: all that write to one ClowdApp share it.
type Platform struct {
	cluster Store
	// locks have one writer at a time of each ClowdApp, by its key.
	locks sync.Map
	// creating are the deployments that this process has begun to create, by platform.Ref.
	creating sync.Map
	// places are the namespaces of environments, by name.
	places sync.Map
}

var _ platform.Platform = (*Platform)(nil)

// New returns Clowder of a cluster. Nothing is contacted.
func New(cluster Store) *Platform { return &Platform{cluster: cluster} }

// Deployments implements platform.Platform.
func (p *Platform) Deployments(platform.Kind) platform.Deployments {
	return platform.Told{Inner: deployments{p}, Tell: tell}
}

// Savepoints implements platform.Platform: no type that needs them has this platform
// (Rules.Has).
func (p *Platform) Savepoints() platform.Savepoints { return nil }

// lock keeps others of this process from writing to a ClowdApp, until it is called.
func (p *Platform) lock(key kube.Key) (unlock func()) {
	found, _ := p.locks.LoadOrStore(key, &sync.Mutex{})
	mutex, _ := found.(*sync.Mutex)
	mutex.Lock()
	return mutex.Unlock
}

// tell gives an error the words in which it leaves the package.
func tell(observed *platform.Observed, err error) (*platform.Observed, error) {
	return observed, told(err)
}

// told returns an error as one of the platform. Those that callers tell apart stay.
func told(err error) error {
	var (
		rollout   *platform.RolloutError
		other     *platform.OtherObjectError
		begun     *platform.BegunError
		absent    *platform.NotFoundError
		exists    *platform.ExistsError
		explained *platform.ExplainedError
		rejected  *platform.RejectedError
		unchecked *platform.UncheckedError
		inUse     *platform.InUseError
		none      *platform.NoEnvironmentError
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &rollout), errors.As(err, &other), errors.As(err, &begun), errors.As(err, &absent), errors.As(err, &exists),
		errors.As(err, &explained), errors.As(err, &rejected), errors.As(err, &unchecked), errors.As(err, &inUse), errors.As(err, &none):
		return err
	}
	cause, remedy := words(err)
	if cause == "" {
		return err
	}
	return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
}

// words says what an error of the cluster means, and what to do; nothing for one that says it
// itself.
func words(err error) (cause, remedy string) {
	var (
		unserved    *kube.NotServedError
		denied      *kube.DeniedError
		unreachable *kube.UnreachableError
		credentials *kube.CredentialsError
		namespace   *kube.NamespaceNotFoundError
		invalid     *kube.InvalidError
		webhook     *kube.WebhookUnavailableError
	)
	switch {
	case errors.As(err, &unserved):
		return "the cluster has no Clowder", "Install Clowder with its custom resource definitions, or point the provider at the cluster that has it."
	case errors.As(err, &denied) && denied.Admission != "":
		return "admission control refuses it", "Correct what the message names."
	case errors.As(err, &denied):
		return "it is not allowed", "Give the provider's user the rights to get, list, watch, create, patch and delete clowdapps.cloud.redhat.com, to get and list clowdenvironments.cloud.redhat.com, deployments.apps, pods and events, and to get, list and patch configmaps."
	case errors.As(err, &unreachable):
		return "the cluster cannot be reached", "See that the API server is up and that the address in the provider block leads to it."
	case errors.As(err, &credentials):
		return "the cluster does not know the credentials", "Correct them in the provider block's kubernetes, or in the kubeconfig."
	case errors.As(err, &namespace):
		return "its namespace does not exist", "Create it, or have the flink_environment do it (clowder.create_namespace)."
	case errors.As(err, &invalid):
		return "the cluster rejects it", "Correct the field that the message names. An older Clowder may lack it."
	case errors.As(err, &webhook):
		return "Clowder's webhook does not answer", "See that the pod of Clowder runs, and apply again."
	case errors.Is(err, context.DeadlineExceeded):
		return "it takes too long", "Raise the timeout in the attribute timeouts, or look at the ClowdApp."
	}
	return "", ""
}

func isAbsent(err error) bool {
	var absent *kube.NotFoundError
	return errors.As(err, &absent)
}
