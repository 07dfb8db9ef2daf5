package standin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// Options say which operator to be and how fast.
type Options struct {
	// Version is the operator's release to behave like: 1.7, 1.15 or 1.16.
	Version string
	// Configuration is the operator's own, see ConfigurationKeys; nil is its defaults.
	Configuration map[string]string
	// Speed is the length of one step; 0 means 20 ms. One step stands for about
	// one second of a real operator whose reconcile interval is 5 seconds.
	Speed time.Duration
	// Log receives what the stand-in does; nil discards it.
	Log *slog.Logger
}

// defaultSpeed lets a deployment run after about a tenth of a second.
const defaultSpeed = 20 * time.Millisecond

// Run plays the Flink Kubernetes Operator in all namespaces of the cluster
// behind cfg until ctx is done, and returns nil then. It waits for the CRDs, and
// outlives restarts of the apiserver. An error means that it could not start.
func Run(ctx context.Context, cfg *rest.Config, opts Options) error {
	v, err := versionOf(opts.Version, opts.Configuration)
	if err != nil {
		return err
	}
	if opts.Speed <= 0 {
		opts.Speed = defaultSpeed
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	cfg = rest.CopyConfig(cfg)
	// No limit of its own: 200 deployments at once are its daily work.
	cfg.QPS = -1
	cfg.UserAgent = "flink-operator-stand-in"
	// The service proxy reads Endpoints, which are deprecated.
	cfg.WarningHandler = rest.NoWarnings{}
	dyn, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	disc, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client of the stand-in: %w", err)
	}
	err = waitForCRDs(ctx, disc, v)
	if err == nil {
		o := &operator{version: v, step: opts.Speed, log: opts.Log, api: &api{dyn: dyn}, world: newWorld()}
		o.rest = serveREST(ctx, o.world, o.log)
		o.run(ctx)
	}
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// waitForCRDs returns when the apiserver serves every kind that this version
// works with.
func waitForCRDs(ctx context.Context, disc discovery.DiscoveryInterface, v version) error {
	wanted := []string{deployments.Resource, sessionJobs.Resource}
	if v.snapshots {
		wanted = append(wanted, snapshots.Resource)
	}
	if v.blueGreen {
		wanted = append(wanted, blueGreens.Resource)
	}
	return wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(context.Context) (bool, error) {
		list, err := disc.ServerResourcesForGroupVersion(deployments.GroupVersion().String())
		if err != nil {
			return false, nil //nolint:nilerr // not there yet, or the apiserver is away: both pass
		}
		served := map[string]bool{}
		for _, r := range list.APIResources {
			served[r.Name] = true
		}
		for _, name := range wanted {
			if !served[name] {
				return false, nil
			}
		}
		return true, nil
	})
}

// operator is one running stand-in: the shared parts, and a loop for each kind.
type operator struct {
	version version
	step    time.Duration
	log     *slog.Logger
	api     *api
	world   *world
	events  eventCounter
	rest    *restServer

	deployments, sessionJobs, snapshots, blueGreens *loop
}

// interval is the reconcile interval: five seconds of the recorded operator.
func (o *operator) interval() time.Duration { return 5 * o.step }

func (o *operator) steps(n float64) time.Duration { return time.Duration(n * float64(o.step)) }

// inSteps is a duration of the operator's configuration here: a second is one step.
func (o *operator) inSteps(configured time.Duration) time.Duration {
	return o.steps(configured.Seconds())
}

// pause waits for n steps, or less when ctx ends.
func (o *operator) pause(ctx context.Context, steps float64) error {
	return o.sleep(ctx, o.steps(steps))
}

func (o *operator) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// run starts the loops and the watches and returns when all have ended.
func (o *operator) run(ctx context.Context) {
	o.deployments = newLoop(deployments.Resource, o.reconcileDeployment)
	o.sessionJobs = newLoop(sessionJobs.Resource, o.reconcileSessionJob)
	loops := []*loop{o.deployments, o.sessionJobs}
	if o.version.snapshots {
		o.snapshots = newLoop(snapshots.Resource, o.reconcileSnapshot)
		loops = append(loops, o.snapshots)
	}
	if o.version.blueGreen {
		o.blueGreens = newLoop(blueGreens.Resource, o.reconcileBlueGreen)
		loops = append(loops, o.blueGreens)
	}
	var all sync.WaitGroup
	for _, l := range loops {
		all.Go(func() { l.run(ctx, o.log) })
	}
	all.Go(func() { o.watch(ctx) })
	all.Wait()
}

// ignorable reports errors that end a pass without being a fault: the object or
// its namespace went away, or the stand-in is being stopped.
func ignorable(err error) bool {
	return errors.Is(err, errGone) || errors.Is(err, context.Canceled) || apierrors.IsNotFound(err) ||
		apierrors.HasStatusCause(err, namespaceTerminating)
}
