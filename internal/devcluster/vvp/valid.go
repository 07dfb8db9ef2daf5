package vvp

import (
	"net/http"
	"slices"
	"strings"
)

// States of a deployment, and the kinds of its strategies.
const (
	stateRunning       = "RUNNING"
	stateSuspended     = "SUSPENDED"
	stateCancelled     = "CANCELLED"
	stateTransitioning = "TRANSITIONING"
	stateFailed        = "FAILED"
	stateFinished      = "FINISHED"

	upgradeStateful  = "STATEFUL"
	upgradeStateless = "STATELESS"
	kindNone         = "NONE"

	latestState     = "LATEST_STATE"
	latestSavepoint = "LATEST_SAVEPOINT"
)

// leastCPU is the least that a JobManager or TaskManager takes of a core.
const leastCPU = 0.1

// wellFormed refuses what cannot be in a specification, which may be of defaults and
// need not be whole.
func wellFormed(spec object) *refusal {
	for _, choice := range []struct {
		at, is  string
		allowed []string
	}{
		{"state", text(spec, "state"), []string{stateRunning, stateSuspended, stateCancelled}},
		{"upgradeStrategy.kind", text(part(spec, "upgradeStrategy"), "kind"), []string{upgradeStateful, upgradeStateless, kindNone}},
		{"restoreStrategy.kind", text(part(spec, "restoreStrategy"), "kind"), []string{latestState, latestSavepoint, kindNone}},
		{"template.spec.artifact.kind", text(part(spec, "template", "spec", "artifact"), "kind"), []string{"JAR", "SQLSCRIPT", "PYTHON"}},
	} {
		if choice.is != "" && !slices.Contains(choice.allowed, choice.is) {
			return refuse(http.StatusBadRequest, "spec.%s: '%s' is none of %s", choice.at, choice.is, strings.Join(choice.allowed, ", "))
		}
	}
	template := part(spec, "template", "spec")
	for _, least := range []struct {
		at string
		is int
	}{
		{"maxJobCreationAttempts", number(spec, "maxJobCreationAttempts", 1)},
		{"maxSavepointCreationAttempts", number(spec, "maxSavepointCreationAttempts", 1)},
		{"template.spec.parallelism", number(template, "parallelism", 1)},
		{"template.spec.numberOfTaskManagers", number(template, "numberOfTaskManagers", 1)},
	} {
		if least.is < 1 {
			return refuse(http.StatusBadRequest, "spec.%s: must be greater than or equal to 1", least.at)
		}
	}
	if said(spec) > 1 {
		return refuse(http.StatusBadRequest, "spec: only one of %s can be set", strings.Join(places, ", "))
	}
	kubernetes := part(template, "kubernetes")
	if kubernetes["pods"] != nil && (kubernetes["jobManagerPodTemplate"] != nil || kubernetes["taskManagerPodTemplate"] != nil) {
		return refuse(http.StatusBadRequest, "spec.template.spec.kubernetes: pods and pod templates cannot be set both")
	}
	return resourcesOf("spec.template.spec", template)
}

// resourcesOf refuses resources that nothing can run with.
func resourcesOf(at string, spec object) *refusal {
	for name, resource := range part(spec, "resources") {
		is, _ := resource.(object)
		if cpu, ok := is["cpu"].(float64); ok && cpu < leastCPU {
			return refuse(http.StatusBadRequest, "%s.resources.%s.cpu: must be greater than or equal to %g", at, name, leastCPU)
		}
	}
	return nil
}

// validDeployment refuses what a deployment must not become.
func validDeployment(_ *Server, sp *space, want, last object) *refusal {
	spec := part(want, "spec")
	normalize(spec)
	if refused := wellFormed(spec); refused != nil {
		return refused
	}
	template := part(spec, "template", "spec")
	artifact := part(template, "artifact")
	content := map[string]string{"JAR": "jarUri", "SQLSCRIPT": "sqlScript", "PYTHON": "pythonArtifactUri"}[text(artifact, "kind")]
	switch {
	case template == nil || artifact == nil || content == "":
		return refuse(http.StatusBadRequest, "spec.template.spec.artifact.kind: must not be null")
	case text(artifact, content) == "":
		return refuse(http.StatusBadRequest, "spec.template.spec.artifact.%s: must not be empty", content)
	case said(spec) == 0:
		return refuse(http.StatusBadRequest, "spec: one of %s must be set", strings.Join(places, ", "))
	case text(spec, "state") == "":
		return refuse(http.StatusBadRequest, "spec.state: must not be null")
	case text(spec, "sessionClusterName") != "" && sp.sessions.find(text(spec, "sessionClusterName")) == nil:
		return refuse(http.StatusBadRequest, "SessionCluster '%s' not found in namespace '%s'.", text(spec, "sessionClusterName"), sp.name)
	case last != nil && state(last) == stateFailed && text(spec, "state") == stateSuspended && text(part(last, "spec"), "state") != stateSuspended:
		return refuse(http.StatusBadRequest, "A deployment that is FAILED cannot be suspended: cancel it first.")
	}
	return nil
}
