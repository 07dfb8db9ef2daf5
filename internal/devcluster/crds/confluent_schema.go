package crds

import (
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// What the definitions of Confluent for Kubernetes have and those of the operator do not:
// required fields, patterns, and rules that the API server evaluates itself.

// with is a schema with something more.
func with(inner schema, more func(*apiextensions.JSONSchemaProps)) schema {
	return func(r release) apiextensions.JSONSchemaProps {
		s := inner(r)
		more(&s)
		return s
	}
}

// needing is an object some of whose fields have to be there.
func needing(inner schema, names ...string) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) { s.Required = names })
}

// ruled adds a rule of the Common Expression Language, and what the API server says to
// what breaks it.
func ruled(inner schema, rule, message string) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) {
		s.XValidations = append(s.XValidations, apiextensions.ValidationRule{Rule: rule, Message: message})
	})
}

func formatted(inner schema, format string) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) { s.Format = format })
}

func matching(inner schema, pattern string) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) { s.Pattern = pattern })
}

// longerThan bounds the length of a text; a most of 0 is none.
func longerThan(inner schema, least, most int64) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) {
		s.MinLength = &least
		if most != 0 {
			s.MaxLength = &most
		}
	})
}

func atLeastOne(inner schema) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) { s.MinItems = ptr(int64(1)) })
}

func defaulting(inner schema, value string) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) {
		s.Default = &apiextensions.JSON{Raw: []byte(`"` + value + `"`)}
	})
}

// open keeps what the schema does not say.
func open(inner schema) schema {
	return with(inner, func(s *apiextensions.JSONSchemaProps) { s.XPreserveUnknownFields = ptr(true) })
}

// amounts are quantities by name: whole numbers, or texts with a unit of Kubernetes.
func amounts(r release) apiextensions.JSONSchemaProps {
	return mapOf(with(quantity, func(s *apiextensions.JSONSchemaProps) {
		s.Pattern = strings.Join([]string{
			`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))`, `(([KMGTPE]i)|[numkMGTPE]|`, `([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`,
		}, "")
	}))(r)
}

var (
	confluentProcess = func(own ...field) schema {
		return object(append([]field{{"podTemplate", anything, first}, {"replicas", integer, first}, {"resource", amounts, first}}, own...)...)
	}

	confluentApplication = ruled(needing(object(
		field{"cmfRestClassRef", classRef, first},
		field{"flinkConfiguration", labels, first},
		field{"flinkEnvironment", given, first},
		field{"flinkVersion", enum("v1_18", "v1_19", "v1_20", "v2_0", "v2_1"), first},
		field{"image", text, first},
		field{"imagePullPolicy", text, first},
		field{"ingress", object(
			field{"annotations", labels, first}, field{"className", text, first}, field{"labels", labels, first}, field{"template", text, first},
			field{"tls", list(object(field{"hosts", texts, first}, field{"secretName", text, first})), first},
		), first},
		field{"job", object(
			field{"allowNonRestoredState", boolean, first}, field{"args", texts, first}, field{"autoscalerResetNonce", integer, first},
			field{"checkpointTriggerNonce", integer, first}, field{"entryClass", text, first}, field{"initialSavepointPath", text, first},
			field{"jarURI", text, first}, field{"parallelism", integer, first}, field{"savepointRedeployNonce", integer, first},
			field{"savepointTriggerNonce", integer, first}, field{"state", enum("running", "suspended"), first},
			field{"upgradeMode", enum("last-state", "savepoint", "stateless"), first},
		), first},
		field{"jobManager", confluentProcess(), first},
		field{"logConfiguration", labels, first},
		field{"mode", enum("native", "standalone"), first},
		field{"podTemplate", anything, first},
		field{"restartNonce", integer, first},
		field{"serviceAccount", text, first},
		field{"startFromSavepoint", object(field{"savepointName", text, first}, field{"uid", text, first}), first},
		field{"taskManager", confluentProcess(), first},
	), "flinkEnvironment"), unmoved[0], unmoved[1])

	confluentApplicationStatus = synced(
		field{"clusterInfo", labels, first},
		field{"error", text, first},
		field{"jobManagerDeploymentStatus", text, first},
		field{"jobStatus", object(
			field{"checkpointInfo", object(
				field{"formatType", text, first}, field{"lastCheckpoint", object(field{"formatType", text, first}, field{"timeStamp", integer, first}, field{"triggerNonce", integer, first}, field{"triggerType", text, first}), first},
				field{"lastPeriodicCheckpointTimestamp", integer, first}, field{"triggerId", text, first}, field{"triggerTimestamp", integer, first}, field{"triggerType", text, first},
			), first},
			field{"jobId", text, first}, field{"jobName", text, first},
			field{"savepointInfo", object(
				field{"formatType", text, first}, field{"lastPeriodicSavepointTimestamp", integer, first},
				field{"lastSavepoint", confluentSavepoint, first}, field{"savepointHistory", list(confluentSavepoint), first},
				field{"triggerId", text, first}, field{"triggerTimestamp", integer, first}, field{"triggerType", text, first},
			), first},
			field{"startTime", text, first}, field{"state", text, first}, field{"updateTime", text, first}, field{"upgradeSavepointPath", text, first},
		), first},
		field{"lifecycleState", text, first},
		field{"reconciliationStatus", object(
			field{"lastReconciledSpec", text, first}, field{"lastStableSpec", text, first}, field{"reconciliationTimestamp", integer, first}, field{"state", text, first},
		), first},
		field{"taskManager", object(field{"labelSelector", text, first}, field{"replicas", integer, first}), first},
	)

	confluentSavepoint = object(
		field{"formatType", text, first}, field{"location", text, first}, field{"timeStamp", integer, first}, field{"triggerNonce", integer, first}, field{"triggerType", text, first},
	)
)
