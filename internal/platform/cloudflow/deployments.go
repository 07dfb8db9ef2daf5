package cloudflow

import (
	"context"
	"errors"
	"maps"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// deployments are the streamlets of applications. Those of Flink are the inner ones, each with an entry in its
// application beside it; the others are the entry alone.
type deployments struct {
	jobs
	apps applications
}

var (
	_ platform.Deployments     = deployments{}
	_ platform.SecretKeeper    = deployments{}
	_ platform.StreamletFinder = deployments{}
	_ platform.Holder          = deployments{}
	_ platform.Adviser         = deployments{}
)

// akka returns the streamlet of a deployment that Cloudflow's operator runs; nil where it is none.
func (d deployments) akka(ctx context.Context, ref platform.Ref) (*located, error) {
	found, err := d.apps.find(ctx, ref)
	if err != nil || found == nil || found.entry.Runtime != core.RuntimeAkka {
		return nil, err
	}
	return found, nil
}

// Read implements platform.Deployments.
func (d deployments) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := d.apps.known(ctx, ref)
	if err != nil {
		return nil, explain(err)
	}
	if found != nil && found.entry.Runtime == core.RuntimeAkka {
		observed, err := d.apps.observe(ctx, ref, found)
		return observed, explain(err)
	}
	observed, err := d.jobs.Read(ctx, ref)
	if err != nil {
		return observed, err
	}
	changed, err := d.apps.changedBeside(ctx, observed, found)
	if err != nil {
		return nil, explain(err)
	}
	return changed, nil
}

// changedBeside returns what was observed of a streamlet of Flink, with what somebody has changed of its entry and of
// its Secret in the place of the label that has its name: putting that back does not touch the job.
func (a applications) changedBeside(ctx context.Context, observed *platform.Observed, found *located) (*platform.Observed, error) {
	var problem string
	image, _ := observed.Spec["image"].(string)
	switch {
	case observed.Labels[platform.ApplicationLabel] == "":
		return observed, nil
	case found == nil:
		problem = "no entry in the CloudflowApplication"
	case found.entry.Image != image:
		problem = "the CloudflowApplication has the image " + found.entry.Image
	default:
		_, values, err := a.secretOf(ctx, observed.Namespace, found.entry.Secret)
		switch {
		case err != nil:
			return nil, err
		case values == nil:
			problem = "no Secret " + found.entry.Secret
		case !core.Unchanged(found.entry.Secret, values):
			problem = "the Secret " + found.entry.Secret + " has other values"
		default:
			return observed, nil
		}
	}
	changed := *observed
	changed.Labels = maps.Clone(observed.Labels)
	changed.Labels[platform.StreamletLabel] += " (" + problem + ")"
	return &changed, nil
}

// Import implements platform.Deployments.
func (d deployments) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := d.akka(ctx, ref)
	if err != nil {
		return nil, explain(err)
	}
	if found == nil {
		return d.jobs.Import(ctx, ref)
	}
	observed, err := d.apps.observe(ctx, ref, found)
	if observed != nil {
		observed.Applied = true
	}
	return observed, explain(err)
}

// Check implements platform.Deployments: no webhook is asked about a streamlet that Cloudflow's operator runs.
func (d deployments) Check(ctx context.Context, want platform.Deployment, exists bool) error {
	if core.IsAkka(want.Spec) {
		return nil
	}
	return d.jobs.Check(ctx, want, exists)
}

// Advise implements platform.Adviser.
func (d deployments) Advise(ctx context.Context, want platform.Deployment) []flink.Finding {
	if core.IsAkka(want.Spec) {
		return nil
	}
	return d.jobs.Advise(ctx, want)
}

// Inspect implements platform.Inspector: only a job of Flink has a JobManager to ask.
func (d deployments) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	spec, err := flink.SpecOf(observed.Spec)
	if err == nil && core.IsAkka(spec) {
		return platform.JobDetails{}
	}
	return d.jobs.Inspect(ctx, observed)
}

// Begin implements platform.Deployments.
func (d deployments) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	if change.Begun {
		return d.goOn(ctx, change)
	}
	where, err := d.apps.settingsIn(ctx, change.Namespace)
	if err == nil {
		err = d.apps.speaks(ctx, where.operatorNamespace)
	}
	var s streamlet
	if err == nil {
		s, err = d.apps.streamletOf(ctx, change.Deployment, where.kafkaCluster)
	}
	if err != nil {
		return nil, explain(err)
	}
	if s.entry.Runtime == core.RuntimeAkka {
		begun, err := d.apps.begin(ctx, change, s)
		if err != nil {
			return nil, explain(err)
		}
		return begun, nil
	}
	done, err := d.apps.register(ctx, change, s)
	if err != nil {
		return nil, explain(err)
	}
	begun, err := d.jobs.Begin(ctx, change)
	if err != nil {
		bounded, cancel := afterwards(ctx)
		defer cancel()
		return nil, errors.Join(err, explain(d.apps.unregister(bounded, s, done)))
	}
	return registered{begun, d.apps, s, done}, nil
}

// goOn goes on with what an earlier apply has written.
func (d deployments) goOn(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	found, err := d.apps.find(ctx, change.Ref)
	if err != nil {
		return nil, explain(err)
	}
	if found != nil && found.entry.Runtime == core.RuntimeAkka {
		begun, err := d.apps.goOn(ctx, change, found)
		if err != nil {
			return nil, explain(err)
		}
		return begun, nil
	}
	begun, err := d.jobs.Begin(ctx, change)
	if err != nil || found == nil {
		return begun, err
	}
	return registered{begun, d.apps, streamlet{ref: change.Ref, entry: found.entry}, written{}}, nil
}

// Delete implements platform.Deployments: the job of a streamlet goes before its entry.
func (d deployments) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	found, err := d.apps.find(ctx, ref)
	if err != nil && !isUnserved(err) {
		return platform.Deleted{}, explain(err)
	}
	var deleted platform.Deleted
	switch {
	case found != nil && found.entry.Runtime == core.RuntimeAkka:
		return deleted, explain(d.apps.delete(ctx, ref, found, options))
	default:
		if deleted, err = d.jobs.Delete(ctx, ref, options); err != nil {
			return deleted, err
		}
	}
	if found == nil {
		if err := d.apps.awaitStopped(ctx, ref); err != nil {
			return deleted, explain(err)
		}
	}
	if found != nil && options.UID != "" {
		// Another deployment of the name, which was not to be deleted, keeps its entry.
		if live, err := d.jobs.Read(ctx, ref); err == nil && live.UID != options.UID {
			return deleted, nil
		}
	}
	return deleted, explain(d.apps.forget(ctx, ref, found))
}

// Streamlets implements platform.StreamletFinder.
func (d deployments) Streamlets(ctx context.Context, namespace, application string) (map[string]platform.Ref, error) {
	out, err := d.jobs.Streamlets(ctx, namespace, application)
	if err != nil {
		return nil, err
	}
	live, err := d.apps.cluster.Get(ctx, applicationKind, kube.Key{Namespace: namespace, Name: application})
	if isAbsent(err) {
		return out, nil
	}
	if err != nil {
		return nil, explain(err)
	}
	for name, entry := range core.Entries(specOf(live)) {
		if entry.Runtime == core.RuntimeAkka {
			out[entry.Streamlet] = platform.Ref{Namespace: namespace, Name: name}
		}
	}
	return out, nil
}

// Release implements platform.Holder.
func (d deployments) Release(ctx context.Context, ref platform.Ref, uid string) error {
	bounded, cancel := afterwards(ctx)
	defer cancel()
	found, err := d.akka(bounded, ref)
	if err != nil {
		return explain(err)
	}
	if found == nil {
		return d.jobs.Release(ctx, ref, uid)
	}
	return explain(d.apps.unmark(bounded, ref.Namespace, found.entry.Secret))
}
