package cloudflow

import (
	"context"
	"errors"
	"fmt"
	"maps"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
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
	found, err := d.apps.find(ctx, ref)
	if err != nil {
		return nil, operator.Explain(err)
	}
	if found != nil && found.entry.Runtime == core.RuntimeAkka {
		observed, err := d.apps.observe(ctx, ref, found)
		return observed, operator.Explain(err)
	}
	observed, err := d.jobs.Read(ctx, ref)
	if err != nil {
		return observed, err
	}
	changed, err := d.apps.changedBeside(ctx, observed, found)
	if err != nil {
		return nil, operator.Explain(err)
	}
	return changed, nil
}

// changedBeside returns what was observed of a streamlet of Flink, with what somebody has changed of its entry and of
// its Secret in the place of the label that has its name: putting that back does not touch the job.
func (a applications) changedBeside(ctx context.Context, observed *platform.Observed, found *located) (*platform.Observed, error) {
	problem := ""
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
		return nil, operator.Explain(err)
	}
	if found == nil {
		return d.jobs.Import(ctx, ref)
	}
	observed, err := d.apps.observe(ctx, ref, found)
	if observed != nil {
		observed.Applied = true
	}
	return observed, operator.Explain(err)
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
		return nil, operator.Explain(err)
	}
	if s.entry.Runtime == core.RuntimeAkka {
		begun, err := d.apps.begin(ctx, change, s)
		if err != nil {
			return nil, operator.Explain(err)
		}
		return begun, nil
	}
	done, err := d.apps.register(ctx, change, s)
	if err != nil {
		return nil, operator.Explain(err)
	}
	begun, err := d.jobs.Begin(ctx, change)
	if err != nil {
		bounded, cancel := afterwards(ctx)
		defer cancel()
		return nil, errors.Join(err, operator.Explain(d.apps.unregister(bounded, s, done)))
	}
	return registered{begun, d.apps, s, done}, nil
}

// goOn goes on with what an earlier apply has written.
func (d deployments) goOn(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	found, err := d.apps.find(ctx, change.Ref)
	if err != nil {
		return nil, operator.Explain(err)
	}
	if found != nil && found.entry.Runtime == core.RuntimeAkka {
		begun, err := d.apps.goOn(ctx, change, found)
		if err != nil {
			return nil, operator.Explain(err)
		}
		return begun, nil
	}
	begun, err := d.jobs.Begin(ctx, change)
	if err != nil || found == nil {
		return begun, err
	}
	return registered{begun, d.apps, streamlet{ref: change.Ref, entry: found.entry}, written{}}, nil
}

// register writes the entry of a streamlet of Flink, unless it is somebody else's.
func (a applications) register(ctx context.Context, change platform.Change, s streamlet) (written, error) {
	defer a.lock(s.ref.Namespace, s.entry.App)()
	if change.Was == nil {
		found, err := a.find(ctx, s.ref)
		if err != nil {
			return written{}, err
		}
		if err := a.free(ctx, found); err != nil {
			return written{}, err
		}
	}
	return a.write(ctx, s, nil)
}

// free refuses an entry that somebody else has made.
func (a applications) free(ctx context.Context, found *located) error {
	if found == nil {
		return nil
	}
	secret, _, err := a.secretOf(ctx, found.app.GetNamespace(), found.entry.Secret)
	if err != nil || isOurs(secret) {
		return err
	}
	return &platform.ExistsError{Err: fmt.Errorf("the CloudflowApplication %s/%s has a streamlet %q already, which somebody else has made", found.app.GetNamespace(), found.app.GetName(), found.entry.Streamlet)}
}

func (a applications) unregister(ctx context.Context, s streamlet, done written) error {
	defer a.lock(s.ref.Namespace, s.entry.App)()
	return a.takeBack(ctx, s, done)
}

// registered is the rollout of a streamlet of Flink, with its entry.
type registered struct {
	platform.Rollout
	apps      applications
	streamlet streamlet
	done      written
}

// Await implements platform.Rollout. A version that was put back has its entry back.
func (r registered) Await(ctx context.Context) (*platform.Observed, error) {
	observed, err := r.Rollout.Await(ctx)
	bounded, cancel := afterwards(ctx)
	defer cancel()
	var failed *platform.RolloutError
	switch {
	case errors.As(err, &failed) && failed.RolledBack && r.done.app != nil:
		if back := r.apps.unregister(bounded, r.streamlet, r.done); back != nil {
			told := *failed
			told.Detail += "\nThe CloudflowApplication still has the entry of the version that failed: " + back.Error()
			err = &told
		}
	case err == nil:
		err = operator.Explain(r.apps.dropSecrets(bounded, r.streamlet.ref, r.streamlet.entry.Secret))
	}
	return observed, err
}

// Delete implements platform.Deployments: the job of a streamlet goes before its entry.
func (d deployments) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	found, err := d.apps.find(ctx, ref)
	if err != nil && !isUnserved(err) {
		return platform.Deleted{}, operator.Explain(err)
	}
	var deleted platform.Deleted
	switch {
	case found != nil && found.entry.Runtime == core.RuntimeAkka:
		return deleted, operator.Explain(d.apps.delete(ctx, ref, found, options))
	default:
		if deleted, err = d.jobs.Delete(ctx, ref, options); err != nil {
			return deleted, err
		}
	}
	if found == nil {
		if err := d.apps.awaitStopped(ctx, ref); err != nil {
			return deleted, operator.Explain(err)
		}
	}
	if found != nil && options.UID != "" {
		// Another deployment of the name, which was not to be deleted, keeps its entry.
		if live, err := d.jobs.Read(ctx, ref); err == nil && live.UID != options.UID {
			return deleted, nil
		}
	}
	return deleted, operator.Explain(d.apps.forget(ctx, ref, found))
}

// forget removes the entry of a streamlet that runs no more, and its Secrets.
func (a applications) forget(ctx context.Context, ref platform.Ref, found *located) error {
	if found == nil {
		return a.forgetLeft(ctx, ref)
	}
	app := found.app.GetName()
	defer a.lock(ref.Namespace, app)()
	if err := a.writeInput(ctx, ref.Namespace, app, found.entry.Streamlet, nil, found.app); err != nil {
		return err
	}
	if err := a.remove(ctx, ref.Namespace, app, found.entry.Streamlet); err != nil {
		return err
	}
	return a.dropSecrets(ctx, ref)
}

// forgetLeft removes what a destroy that was cut has left of a streamlet without an entry: its Secrets tell of which
// application it was.
func (a applications) forgetLeft(ctx context.Context, ref platform.Ref) error {
	secrets, err := a.cluster.List(ctx, secretKind, ref.Namespace, ofLabel+"="+ref.Name)
	if err != nil || len(secrets) == 0 {
		return err
	}
	labels := secrets[0].GetLabels()
	app := labels[platform.ApplicationLabel]
	defer a.lock(ref.Namespace, app)()
	if err := a.remove(ctx, ref.Namespace, app, labels[platform.StreamletLabel]); err != nil {
		return err
	}
	return a.dropSecrets(ctx, ref)
}

// KeepSecret implements platform.SecretKeeper.
func (d deployments) KeepSecret(ctx context.Context, ref platform.Ref, secret platform.OwnSecret) error {
	if secret.Create {
		return d.jobs.KeepSecret(ctx, ref, secret)
	}
	found, err := d.akka(ctx, ref)
	switch {
	case err != nil:
		return operator.Explain(err)
	case found == nil:
		return d.jobs.KeepSecret(ctx, ref, secret)
	}
	if err := checkSame(ref, found, secret.UID); err != nil {
		return err
	}
	_, err = d.apps.cluster.Apply(ctx, secretKind, operator.SecretOf(ref, secret), kube.ApplyOptions{Force: true})
	return operator.Explain(err)
}

// DiscardSecret implements platform.SecretKeeper. A create that was refused takes nothing from the streamlet that is there.
func (d deployments) DiscardSecret(ctx context.Context, ref platform.Ref, name string, failed error) error {
	found, err := d.akka(ctx, ref)
	if err != nil || found != nil {
		return operator.Explain(err)
	}
	return d.jobs.DiscardSecret(ctx, ref, name, failed)
}

// DropSecrets implements platform.SecretKeeper: a streamlet that is gone has none left, of whatever kind, and no entry, which a
// destroy that was cut may have left; of one that is there, the Secrets of former versions go.
func (d deployments) DropSecrets(ctx context.Context, ref platform.Ref, except ...string) error {
	if err := d.jobs.DropSecrets(ctx, ref, except...); err != nil {
		return err
	}
	found, err := d.apps.find(ctx, ref)
	if err != nil && !isUnserved(err) {
		return operator.Explain(err)
	}
	if found != nil && len(except) > 0 {
		return operator.Explain(d.apps.dropSecrets(ctx, ref, found.entry.Secret))
	}
	if found != nil {
		_, err = d.jobs.Read(ctx, ref)
		if gone := (*platform.NotFoundError)(nil); found.entry.Runtime == core.RuntimeAkka || !errors.As(err, &gone) {
			return nil
		}
	}
	return operator.Explain(d.apps.forget(ctx, ref, found))
}

// KeepsSecrets implements platform.StreamletFinder.
func (d deployments) KeepsSecrets(ctx context.Context, ref platform.Ref) (bool, error) {
	keeps, err := d.jobs.KeepsSecrets(ctx, ref)
	if keeps || err != nil {
		return keeps, err
	}
	found, err := d.apps.cluster.List(ctx, secretKind, ref.Namespace, ofLabel+"="+ref.Name)
	return len(found) > 0, operator.Explain(err)
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
		return nil, operator.Explain(err)
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
		return operator.Explain(err)
	}
	if found == nil {
		return d.jobs.Release(ctx, ref, uid)
	}
	return operator.Explain(d.apps.unmark(bounded, ref.Namespace, found.entry.Secret))
}
