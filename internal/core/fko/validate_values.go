package fko

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// readableValues warns of values that the deployment's Flink version, or the operator in
// keys of its own, cannot read by the type of their key: the JobManager or the operator
// stops at them. An unknown version is given the benefit of the doubt.
func readableValues(d deployment) []flink.Finding {
	reader := flink.ReaderOf(d.version)
	var findings []flink.Finding
	for _, key := range sortedKeys(d.config) {
		if d.config[key] == nil || hasOwnRule(flink.CanonicalKey(key)) || overruledBy(flink.Path{"flinkConfiguration", key}, d.spec) != nil {
			continue
		}
		value := *d.config[key]
		reading := reader.Read(key, value)
		if reading.Outcome != flink.OutcomeRefused {
			continue
		}
		findings = append(findings, warning(flink.Path{"flinkConfiguration", key}, fmt.Sprintf("%q is not a value of %s", value, key),
			fmt.Sprintf("%s expects %s here and would not start. %s", d.readerOf(key), reading.Expected, valueAdvice(reader, key, value)))...)
	}
	return findings
}

// hasOwnRule tells whether a rule of its own refuses what cannot be read of a key, and
// says more about it.
func hasOwnRule(key string) bool {
	return key == flink.KeyHighAvailability || key == flink.KeyStateBackend || key == flink.KeyParallelismOverrides
}

// readerOf names who reads a key.
func (d deployment) readerOf(key string) string {
	switch {
	case flink.ReadByOperator(key):
		return "The operator"
	case d.version != nil:
		return "Flink " + d.version.String()
	}
	return "Flink"
}

// valueAdvice says what to write instead of a value that is refused.
func valueAdvice(reader flink.Reader, key, value string) string {
	respelled, since := reader.Respelled(key, value)
	switch {
	case respelled != "" && since != nil:
		return fmt.Sprintf("Flink reads %q there since %s only: write %q in flink_configuration, which that version reads as the same.", flink.TrimBlanks(value), since, respelled)
	case respelled != "":
		return fmt.Sprintf("Write %q in flink_configuration.", respelled)
	case flink.TrimBlanks(value) == "":
		return "Set the key to null in flink_configuration to leave it out."
	}
	return "Correct the value in flink_configuration."
}

// keysOfVersion warns of keys that the deployment's Flink version does not know, but
// another one does: Flink ignores them. The operator reads the present name of a key all
// the same.
func keysOfVersion(d deployment) []flink.Finding {
	if d.version == nil {
		return nil
	}
	reader := flink.ReaderOf(d.version)
	var findings []flink.Finding
	for _, key := range sortedKeys(d.config) {
		if d.config[key] == nil || flink.ReadByOperator(key) || reader.Knows(key) {
			continue
		}
		if detail := d.unknownKey(key); detail != "" {
			findings = append(findings, warning(flink.Path{"flinkConfiguration", key},
				fmt.Sprintf("Flink %s does not know the key %s", d.version, key), detail)...)
		}
	}
	return findings
}

// unknownKey says why a version does not know a key, and what to do; nothing where no
// version does, or where the key stands beside the one that counts.
func (d deployment) unknownKey(key string) string {
	first, last := flink.KnownIn(key)
	former := flink.NameIn(d.version, key)
	switch {
	case first == nil:
		return ""
	case d.version.AtLeast(*first):
		return fmt.Sprintf("The last version that reads it is %s. %s", last, keyAdvice(d, key))
	case former == key:
		return fmt.Sprintf("The first version that reads it is %s, so it would be ignored. Remove it from flink_configuration, or change flink_version and the image.", first)
	case d.config[former] != nil:
		return ""
	}
	return fmt.Sprintf("The key has that name since %s and would be ignored. Write %q in flink_configuration, which later versions read too.", flink.RenamedIn(former), former)
}

// successors are what to set instead of keys that went with Flink 2.0.
var successors = map[string]string{
	"jobmanager.heap.size":                                     "job_manager.resource.memory",
	"jobmanager.heap.mb":                                       "job_manager.resource.memory",
	"taskmanager.heap.size":                                    "task_manager.resource.memory",
	"taskmanager.heap.mb":                                      "task_manager.resource.memory",
	"cluster.evenly-spread-out-slots":                          `"taskmanager.load-balance.mode" = "SLOTS"`,
	"pipeline.default-kryo-serializers":                        "pipeline.serialization-config",
	"pipeline.registered-kryo-types":                           "pipeline.serialization-config",
	"pipeline.registered-pojo-types":                           "pipeline.serialization-config",
	"security.ssl.enabled":                                     "security.ssl.internal.enabled and security.ssl.rest.enabled",
	"taskmanager.network.numberOfBuffers":                      "taskmanager.memory.network.max",
	"web.ssl.enabled":                                          "security.ssl.rest.enabled",
	"jobmanager.web.ssl.enabled":                               "security.ssl.rest.enabled",
	"state.backend.rocksdb.checkpointdir":                      "state.backend.rocksdb.localdir",
	"taskmanager.network.blocking-shuffle.compression.enabled": "taskmanager.network.compression.codec",
	"taskmanager.network.batch-shuffle.compression.enabled":    "taskmanager.network.compression.codec",
}

func keyAdvice(d deployment, key string) string {
	if successor := successors[key]; successor != "" {
		return fmt.Sprintf("It would be ignored: set %s instead, and remove the key from flink_configuration.", successor)
	}
	if present := flink.CanonicalKey(key); present != key && flink.ReaderOf(d.version).Knows(present) {
		return fmt.Sprintf("Write %q in flink_configuration.", present)
	}
	return "It would be ignored: remove it from flink_configuration."
}
