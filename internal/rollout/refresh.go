package rollout

import (
	"maps"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Refreshed is what a refresh has found.
type Refreshed struct {
	// Drifted tells that the platform has another meaning of the effective
	// specification, which is then in Effective.
	Drifted   bool
	Effective string
	// Words is Record.Words.
	Words  string
	Status flink.Status
}

// Refresh compares what was applied with what is observed of the object of an id, at
// the paths that were applied. effective is the text on record, and last its status.
func Refresh(id, effective string, last flink.Status, observed *platform.Observed) (Refreshed, []flink.Finding) {
	var out Refreshed
	var findings []flink.Finding
	applied, metadata, unreadable := Split(effective)
	if unreadable != nil {
		// What was applied is what the cluster has of it.
		findings = Unreadable(unreadable)
		applied, metadata = flink.Tree{}, nil
	}
	secrets := flink.Redactor{Owner: id}
	known, labeled := applied, metadata
	if unreadable != nil {
		known = observed.Spec
	}
	if observed.Written != nil {
		more := maps.Clone(observed.Written)
		labeled = fill(metadata, texted(more["metadata"]))
		delete(more, "metadata")
		known = fill(applied, more)
	}
	live, inWords := flink.ObserveWords(secrets.Redact(known), secrets.Redact(observed.Spec))
	if metadata != nil {
		applied["metadata"] = metadata
	}
	if kept := ObservedMetadata(labeled, observed); len(kept) > 0 {
		live["metadata"] = kept
	}
	var err error
	if out.Drifted = !flink.Equal(applied, live); out.Drifted {
		if out.Effective, err = defaults.EffectiveText(live); err != nil {
			return out, append(findings, unwritable(err)...)
		}
	}
	if inWords != nil {
		if out.Words, err = defaults.EffectiveText(inWords); err != nil {
			findings = append(findings, unwritable(err)...)
		}
	}
	switch out.Status = observed.Status; {
	case IsDeleted(observed.Status):
		// Nobody else knows any more where the state was.
		out.Status.SavepointPath, out.Status.StateLocation = last.SavepointPath, last.StateLocation
	case last.JobID == observed.Status.JobID:
		// The platform does not keep what showed that the job works.
		out.Status.Proof = last.Proof
	}
	out.Status.KeptSavepoint = last.KeptSavepoint
	return out, findings
}

// Spec reads the specification on record, empty for none. One that cannot be read
// counts as that of a job with state, so that nothing is lost for it.
func Spec(effective string) (flink.DeploymentSpec, []flink.Finding) {
	tree, err := flink.ParseTree([]byte(effective))
	if err == nil {
		var spec flink.DeploymentSpec
		if spec, err = flink.SpecOf(tree); err == nil {
			return spec, nil
		}
	}
	return flink.DeploymentSpec{Job: &flink.Job{UpgradeMode: new(flink.UpgradeSavepoint)}}, Unreadable(err)
}

// Unreadable warns of a specification on record that cannot be read.
func Unreadable(err error) []flink.Finding {
	return warning(nil, "The specification in the state cannot be read", sentence(err)+" It counts as that of a job with state. A refresh takes it from the cluster again.")
}

// fill returns a tree with what another one has and it lacks.
func fill(tree, from flink.Tree) flink.Tree {
	out := flink.Tree{}
	maps.Copy(out, from)
	for key, value := range tree {
		part, isTree := value.(map[string]any)
		more, both := from[key].(map[string]any)
		if isTree && both {
			out[key] = fill(part, more)
		} else {
			out[key] = value
		}
	}
	return out
}

func texted(metadata any) flink.Tree {
	tree, _ := metadata.(map[string]any)
	return tree
}

// ObservedMetadata returns the labels and annotations that were applied, with
// the values that the object has now.
func ObservedMetadata(applied flink.Tree, observed *platform.Observed) flink.Tree {
	out := flink.Tree{}
	for name, live := range map[string]map[string]string{"labels": observed.Labels, "annotations": observed.Annotations} {
		part := flink.Tree{}
		for key := range Texts(applied[name]) {
			if value, ok := live[key]; ok {
				part[key] = value
			}
		}
		if len(part) > 0 {
			out[name] = part
		}
	}
	return out
}
