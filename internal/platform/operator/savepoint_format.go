package operator

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// inFormat returns the wanted savepoint with the format in which it is taken. Where none
// is wanted it is the one in which the operator takes the job's own, and a native one
// where the job can write no other: asked for a canonical one, it would fail
// (flink.NativeOnly). So a canonical one that is wanted all the same is an error, and
// nothing is written.
func (w *savepointWait) inFormat(ctx context.Context, object *unstructured.Unstructured) (platform.Savepoint, error) {
	want := w.want
	configuration, err := w.configurationOf(ctx, object)
	if err != nil {
		return want, err
	}
	why, key := flink.NativeOnly(configuration)
	switch {
	case why != "" && want.Format == "":
		want.Format = platform.FormatNative
	case want.Format == "":
		want.Format = configuredFormat(configuration)
	case why != "" && want.Format == platform.FormatCanonical:
		return want, w.fail(fmt.Sprintf("%s writes no savepoint in canonical format", why), canonicalAdvice(key))
	}
	return want, nil
}

// canonicalAdvice ends the error of a savepoint that only another format can have.
func canonicalAdvice(key string) string {
	return fmt.Sprintf("The job would fail when it is asked for one, so nothing was written. Set format = \"native\", or leave format out. The job's flink_configuration has %s.", key)
}

// configuredFormat is the format in which the operator takes the savepoints of a job.
func configuredFormat(configuration flink.Configuration) string {
	if flink.NativeSavepoints(configuration) {
		return platform.FormatNative
	}
	return platform.FormatCanonical
}

// configurationOf is the live configuration of a job; that of one in a session cluster
// has what the cluster configures, where the job does not say it itself and the cluster
// may be read.
func (s *Savepoints) configurationOf(ctx context.Context, object *unstructured.Unstructured) (flink.Configuration, error) {
	spec, err := fko.RunningSpec(object, fko.StatusOf(object))
	if err != nil {
		return nil, err
	}
	layers := []flink.Tree{spec}
	if cluster, ok := spec["deploymentName"].(string); ok {
		session, err := s.cluster.Get(ctx, deploymentKind, keyOf(platform.Ref{Namespace: object.GetNamespace(), Name: cluster}))
		if err == nil {
			below, _ := fko.SpecOf(session)
			layers = []flink.Tree{below, spec}
		}
	}
	out := flink.Configuration{}
	for _, layer := range layers {
		maps.Copy(out, configurationIn(layer))
	}
	return out, nil
}

// configurationIn is the configuration of a live specification.
func configurationIn(spec flink.Tree) flink.Configuration {
	out := flink.Configuration{}
	for key, value := range flink.Flatten(spec["flinkConfiguration"]) {
		out[key] = &value
	}
	return out
}

// refusesCanonical tells whether Flink's words say that a job cannot have a savepoint in
// canonical format: those of its state backend (StreamTask.checkForcedFullSnapshotSupport),
// of ForSt (ForStSyncKeyedStateBackend.savepoint), and of an operator with asynchronous
// state (StreamOperatorStateHandler.snapshotState), 2.0 to 2.3.
func refusesCanonical(words string) bool {
	return strings.Contains(words, "does not support CANONICAL savepoints") || strings.Contains(words, "Canonical savepoints are not supported") ||
		strings.Contains(words, "UnsupportedOperationException: Not supported yet.")
}
