package vvp

import (
	"net/http"
	"reflect"
	"strings"
)

// targets are the deployment targets: places in Kubernetes.
func targets() kind {
	return kind{
		name: "DeploymentTarget", collection: "deployment-targets", names: looseNames,
		shelf: func(sp *space) *shelf { return &sp.targets },
		complete: func(_ *Server, _ *space, spec object) object {
			return over(spec, object{"kubernetes": object{"namespace": platformNamespace}})
		},
		valid: func(_ *Server, _ *space, want, last object) *refusal {
			if last != nil && !reflect.DeepEqual(clone(part(want, "spec")), clone(part(last, "spec"))) {
				return refuse(http.StatusBadRequest, "spec: the specification of a DeploymentTarget cannot be changed")
			}
			return nil
		},
		used: func(_ *Server, sp *space, target object) *refusal {
			refers := func(o object) bool {
				spec := part(o, "spec")
				return text(spec, "deploymentTargetId") == id(target) || text(spec, "deploymentTargetName") == nameOf(target)
			}
			for _, o := range append(append([]object{}, sp.deployments.all...), sp.sessions.all...) {
				if refers(o) {
					return refuse(http.StatusConflict, "DeploymentTarget '%s' is still referenced by %s '%s'.", nameOf(target), o["kind"], nameOf(o))
				}
			}
			return nil
		},
	}
}

// platformNamespace is the Kubernetes namespace of the platform itself, where a target
// is that names none.
const platformNamespace = "vvp"

// secretValues are texts that are never shown.
func secretValues() kind {
	return kind{
		name: "SecretValue", collection: "secret-values", names: looseNames, patches: true,
		shelf: func(sp *space) *shelf { return &sp.secrets },
		valid: func(_ *Server, _ *space, want, _ object) *refusal {
			spec := part(want, "spec")
			if !strings.EqualFold(text(spec, "kind"), "PLAIN") {
				return refuse(http.StatusBadRequest, "spec.kind: must be PLAIN")
			}
			if _, ok := spec["value"].(string); !ok {
				return refuse(http.StatusBadRequest, "spec.value: must not be null")
			}
			spec["kind"] = "PLAIN"
			return nil
		},
		shown: func(o object) object {
			return object{"kind": o["kind"], "apiVersion": o["apiVersion"], "metadata": o["metadata"], "spec": object{"kind": part(o, "spec")["kind"]}}
		},
	}
}

// defaults serves what deployments take that they do not say themselves.
func (s *Server) defaults() {
	s.handle("GET "+apiBase+"/global-deployment-defaults", func(*request) (int, any) {
		return http.StatusOK, object{"kind": "GlobalDeploymentDefaults", "apiVersion": "v1", "metadata": object{}, "spec": s.globalDefaults()}
	})
	s.handle("GET "+apiBase+"/global-sessioncluster-defaults", func(*request) (int, any) {
		return http.StatusOK, object{"kind": "GlobalSessionClusterDefaults", "apiVersion": "v1", "metadata": object{}, "spec": object{}}
	})
	const at = apiBase + "/namespaces/{ns}/deployment-defaults"
	keep := func(r *request, spec object) (int, any) {
		switch {
		case r.space.terminating:
			return refuse(http.StatusConflict, "Namespace '%s' is being deleted.", r.space.name).answer()
		case r.body["kind"] != nil && r.body["kind"] != "DeploymentDefaults":
			return refuse(http.StatusBadRequest, "kind: must be DeploymentDefaults").answer()
		}
		normalize(spec)
		if refused := wellFormed(spec); refused != nil {
			return refused.answer()
		}
		for _, field := range []string{"labels", "annotations"} {
			if given, ok := part(r.body, "metadata")[field].(object); ok {
				part(r.space.defaults, "metadata")[field] = given
			}
		}
		r.space.defaults["spec"] = spec
		touch(r.space.defaults)
		return http.StatusOK, r.space.defaults
	}
	s.handle("GET "+at, func(r *request) (int, any) { return http.StatusOK, r.space.defaults })
	s.handle("PUT "+at, func(r *request) (int, any) { return keep(r, over(part(r.body, "spec"), nil)) })
	s.handle("PATCH "+at, func(r *request) (int, any) {
		return keep(r, patched(clone(part(r.space.defaults, "spec")), part(r.body, "spec")))
	})
}

// globalDefaults are what the administrator has set for all namespaces.
func (s *Server) globalDefaults() object {
	return object{
		"state":                        "RUNNING",
		"upgradeStrategy":              object{"kind": "STATEFUL"},
		"restoreStrategy":              object{"kind": "LATEST_STATE", "allowNonRestoredState": false},
		"maxJobCreationAttempts":       4,
		"maxSavepointCreationAttempts": 4,
		"template": object{
			"metadata": object{"annotations": object{}},
			"spec": object{
				"artifact":    object{"flinkVersion": s.flinkVersion()},
				"parallelism": 1,
				"resources":   object{"jobmanager": object{"cpu": 1.0, "memory": "1G"}, "taskmanager": object{"cpu": 1.0, "memory": "1G"}},
				"flinkConfiguration": object{
					"execution.checkpointing.interval": "10s",
					"state.backend.type":               "rocksdb",
				},
				"logging": object{"loggingProfile": "default", "log4jLoggers": object{"": "INFO"}},
			},
		},
	}
}

// flinkVersion is the version of Flink that a deployment has which names none.
func (s *Server) flinkVersion() string {
	switch {
	case s.from("2.15"):
		return "1.20"
	case s.from("2.14"):
		return "1.19"
	}
	return "1.18"
}
