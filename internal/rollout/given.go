package rollout

import (
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// given returns where the value at a path was given: what a Secret gives, and what
// brings the Secret into the pods, is in secret_configuration, or in the Secret of
// that name that the provider keeps. Of several keys that change it is the first. What a stream
// application renders for a streamlet is its document.
func given(at flink.Path, before, after Expansion, own string) flink.Path {
	if after.Origins.Of(at) == defaults.RenderedOrigin {
		// Whatever carries it.
		return flink.Path{"applicationDocument"}
	}
	if len(at) != 2 || at[0] != "flinkConfiguration" {
		return at
	}
	keys := slices.Sorted(maps.Keys(after.Secrets))
	for key := range before.Secrets {
		if _, kept := after.Secrets[key]; !kept {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		ref, last := after.Secrets[key], before.Secrets[key]
		switch {
		case ref == last, key != at[1] && !flink.CarriesSecrets(at[1]), key != at[1] && !samePlain(before, after, at[1]):
			continue
		case own != "" && ref.Secret == own:
			return flink.Path{"secret_configuration_wo_version"}
		}
		return flink.Path{"secretConfiguration", key}
	}
	return at
}

// samePlain tells whether a key has one value beside what Secrets give.
func samePlain(before, after Expansion, key string) bool {
	was, had := before.Plain.Get(key)
	is, has := after.Plain.Get(key)
	return was == is && had == has
}
