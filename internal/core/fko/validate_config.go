package fko

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// forbiddenKeys are FORBIDDEN_CONF_KEYS of the operator's DefaultValidator.
var forbiddenKeys = []string{"kubernetes.namespace", "kubernetes.cluster-id", keyHighAvailabilityCluster}

func noForbiddenKeys(d deployment) []flink.Finding {
	var findings []flink.Finding
	for _, key := range forbiddenKeys {
		if d.config[key] != nil {
			findings = append(findings, fault(flink.Path{"flinkConfiguration", key},
				fmt.Sprintf("The configuration key %s belongs to the operator", key),
				"The operator sets it from the deployment's name and namespace. Remove it from flink_configuration.")...)
		}
	}
	return findings
}

const keyRollback = "kubernetes.operator.deployment.rollback.enabled"

func rollbackNeedsHighAvailability(d deployment) []flink.Finding {
	if enabled, _ := d.config.Flag(keyRollback); !enabled || flink.HasHighAvailability(d.config) {
		return nil
	}
	return warning(d.keyPath(keyRollback), "The operator's rollback needs high availability",
		highAvailabilityAdvice(d))
}

// highAvailabilityAdvice ends the findings that the operator's own configuration
// may make void.
func highAvailabilityAdvice(d deployment) string {
	return fmt.Sprintf("The operator refuses the deployment unless its own configuration turns high availability on. Set %q = \"kubernetes\" and \"high-availability.storageDir\" in flink_configuration.",
		flink.NameIn(d.version, flink.KeyHighAvailability))
}

const (
	keyHealthCheck = "kubernetes.operator.cluster.health-check.enabled"
	keyRecovery    = "kubernetes.operator.jm-deployment-recovery.enabled"
)

// healthCheckNeedsRecovery speaks only when both keys are given: the defaults of
// the operator, false and true, agree with any single one.
func healthCheckNeedsRecovery(d deployment) []flink.Finding {
	check, _ := d.config.Flag(keyHealthCheck)
	recovery, given := d.config.Flag(keyRecovery)
	if !check || !given || recovery {
		return nil
	}
	return fault(d.keyPath(keyRecovery), "The health check needs the recovery of the JobManager's deployment",
		fmt.Sprintf("%s is true, so %s must not be false. Change one of the two in flink_configuration.", keyHealthCheck, keyRecovery))
}

var firstStandardYAML = flink.Version{Major: 2}

// noOverlappingKeys refuses what FlinkConfMountDecorator.validateConfigKeysForV2
// refuses when it deploys: from Flink 2.0 on the configuration is nested YAML, in
// which a key cannot be both a value and an object.
func noOverlappingKeys(d deployment) []flink.Finding {
	if d.version == nil || !d.version.AtLeast(firstStandardYAML) {
		return nil
	}
	var present []string
	if flink.HasHighAvailability(d.config) {
		present = append(present, keyHighAvailabilityCluster)
	}
	for _, key := range sortedKeys(d.config) {
		if d.config[key] != nil && !flink.ReadByOperator(key) {
			present = append(present, key)
		}
	}
	var findings []flink.Finding
	for _, outer := range present {
		inner := slices.IndexFunc(present, func(key string) bool { return strings.HasPrefix(key, outer+".") })
		if inner < 0 {
			continue
		}
		detail := fmt.Sprintf("Flink %s reads its configuration as nested YAML, where %s cannot hold a value beside %s.", d.version, outer, present[inner])
		if present[inner] == keyHighAvailabilityCluster {
			detail += " The operator sets the latter itself."
		}
		if name := flink.CanonicalKey(outer); name != outer {
			detail += fmt.Sprintf(" Write %q instead of %q in flink_configuration.", name, outer)
		} else {
			detail += " Remove one of the two from flink_configuration."
		}
		findings = append(findings, fault(flink.Path{"flinkConfiguration", outer},
			fmt.Sprintf("The configuration keys %s and %s overlap", outer, present[inner]), detail)...)
	}
	return findings
}

// keyHighAvailabilityCluster is a key that the operator adds to a configuration
// with high availability (FlinkConfigBuilder.build).
const keyHighAvailabilityCluster = "high-availability.cluster-id"

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
