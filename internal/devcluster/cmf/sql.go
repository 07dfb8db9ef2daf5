package cmf

import (
	"net/http"
	"slices"
	"strings"
)

// runsAfter is how often something that starts is read until it runs.
const runsAfter = 2

func computePools() kind {
	return kind{
		name: "ComputePool", collection: "/environments/{env}/compute-pools", putFrom: "2.3", parent: inEnvironment, noParent: http.StatusBadRequest,
		valid: func(s *Server, _ *http.Request, want, last object) *refusal {
			spec := part(want, "spec")
			cluster := part(spec, "clusterSpec")
			memory := text(part(part(cluster, "jobManager"), "resource"), "memory")
			image := text(cluster, "image")
			switch {
			case spec["type"] == "SHARED" && !s.from("2.3"), spec["type"] != "SHARED" && spec["type"] != "DEDICATED":
				return refuse(http.StatusUnprocessableEntity, "spec.type: '%v' is not a type of compute pool", spec["type"])
			case spec["type"] != "SHARED" && spec["state"] != nil:
				return refuse(http.StatusUnprocessableEntity, "spec.state is only valid for SHARED compute pools")
			case cluster["job"] != nil || cluster["serviceAccount"] != nil:
				return refuse(http.StatusUnprocessableEntity, "clusterSpec must set neither job nor serviceAccount")
			case memory == "":
				return refuse(http.StatusUnprocessableEntity, "clusterSpec.jobManager.resource.memory is required")
			case image != "" && !strings.Contains(image, "cp-flink-sql"):
				return refuse(http.StatusUnprocessableEntity, "clusterSpec.image: '%s' is no cp-flink-sql image", image)
			case last != nil && part(last, "spec")["type"] != spec["type"]:
				return refuse(http.StatusUnprocessableEntity, "spec.type is immutable")
			}
			if spec["type"] == "SHARED" && spec["state"] == nil {
				spec["state"] = "RUNNING"
			}
			return nil
		},
		used: func(s *Server, r *http.Request, name string, change bool) *refusal {
			for _, statement := range s.objects["/environments/"+r.PathValue("env")+"/statements"] {
				running := text(part(statement, "status"), "phase") == "RUNNING"
				if text(part(statement, "spec"), "computePoolName") == name && (running || !change) {
					if change {
						return refuse(http.StatusConflict, "Compute Pool '%s' cannot be updated while statements are running.", name)
					}
					return refuse(http.StatusConflict, "Compute Pool '%s' is in use and cannot be deleted.", name)
				}
			}
			return nil
		},
		look: func(_ *Server, o object, reads int) {
			spec := part(o, "spec")
			fails := text(part(part(o, "metadata"), "annotations"), annotationFails)
			status := object{"phase": "DEDICATED"}
			switch {
			case spec["type"] != "SHARED":
			case fails != "":
				status = object{"phase": "FAILED", "message": fails}
			case reads < runsAfter:
				status = object{"phase": "PENDING", "message": "The session cluster starts"}
			default:
				status = object{"phase": spec["state"]}
			}
			o["status"] = status
		},
	}
}

// exceptions serves what the job of a statement has thrown: something, when it is
// asked to fail.
func (s *Server) exceptions() {
	s.handle("GET "+base+"/environments/{env}/statements/{name}/exceptions", func(r *http.Request, _ object) (int, any) {
		statement := s.objects["/environments/"+r.PathValue("env")+"/statements"][r.PathValue("name")]
		if statement == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "Statement '%s' not found.", r.PathValue("name"))
		}
		data := []any{}
		if text(part(part(statement, "metadata"), "annotations"), annotationFails) != "" {
			data = append(data, object{
				"apiVersion": "cmf.confluent.io/v1", "kind": "StatementException",
				"name": "java.lang.ArithmeticException", "message": "/ by zero\n\tat Totals.java:7", "timestamp": "2026-01-02T03:04:05.000Z",
			})
		}
		return http.StatusOK, object{"apiVersion": "cmf.confluent.io/v1", "kind": "StatementExceptionList", "data": data}
	})
}

func statements() kind {
	return kind{
		name: "Statement", collection: "/environments/{env}/statements", parent: inEnvironment, emptyPut: true, slow: true,
		valid: func(s *Server, r *http.Request, want, last object) *refusal {
			spec := part(want, "spec")
			switch {
			case s.objects["/environments/"+r.PathValue("env")+"/compute-pools"][text(spec, "computePoolName")] == nil:
				return refuse(http.StatusUnprocessableEntity, "Compute Pool '%s' does not exist.", text(spec, "computePoolName"))
			case last != nil && part(last, "spec")["statement"] != spec["statement"]:
				return refuse(http.StatusUnprocessableEntity, "statement is immutable")
			}
			return s.compile(r, want, last)
		},
		look: func(_ *Server, o object, reads int) {
			verdict := judged(o)
			fails := text(part(part(o, "metadata"), "annotations"), annotationFails)
			status := object{"phase": "RUNNING", "traits": object{"sqlKind": verdict.Kind}}
			switch {
			case o[keyDeleting] != nil:
				status["phase"] = "DELETING"
			case verdict.Refused != "":
				// It is answered with 200 all the same.
				status = object{"phase": "FAILED", "detail": verdict.Refused}
			case fails != "" && !verdict.Runs:
				status["phase"], status["detail"] = "FAILED", fails
			case !verdict.Runs:
				status["phase"] = "COMPLETED"
			case part(o, "spec")["stopped"] == true:
				status["phase"] = "STOPPED"
			case reads < runsAfter:
				status["phase"] = "PENDING"
			case o[keyBroken] != nil:
				status["phase"], status["detail"] = "FAILED", o[keyBroken]
			case fails != "":
				status["phase"], status["detail"] = "FAILED", fails
			}
			o["status"] = status
		},
		written: statementWritten, gone: statementGone,
		matches: func(r *http.Request) func(object) bool {
			pools, phases := r.URL.Query()["compute-pool"], r.URL.Query()["phase"]
			return func(o object) bool {
				return (len(pools) == 0 || slices.Contains(pools, text(part(o, "spec"), "computePoolName"))) &&
					(len(phases) == 0 || slices.Contains(phases, strings.ToLower(text(part(o, "status"), "phase"))))
			}
		},
	}
}
