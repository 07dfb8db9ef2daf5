package vvp

import (
	"strconv"
	"strings"
)

// places are the ways to say where a deployment runs, of which one is said.
var places = []string{"deploymentTargetId", "deploymentTargetName", "sessionClusterName"}

// expanded is the specification of a deployment with all that it leaves out, from the
// defaults of the namespace, and those of the platform below them.
func (s *Server) expanded(sp *space, spec object) object {
	below := over(clone(part(sp.defaults, "spec")), clone(s.globalDefaults()))
	if said(spec) > 0 {
		for _, place := range places {
			delete(below, place)
		}
	}
	out := over(spec, below)
	template := part(out, "template", "spec")
	if template == nil {
		return out
	}
	artifact := part(template, "artifact")
	if version := text(artifact, "flinkVersion"); version != "" {
		derived := object{"flinkImageRegistry": "registry.ververica.com/v" + s.release(), "flinkImageRepository": "flink", "flinkImageTag": imageTag(version)}
		artifact = over(artifact, derived)
		template["artifact"] = artifact
	}
	if s.from("2.15") && artifact != nil {
		// Fields that no published description of the API has.
		template["artifact"] = over(artifact, object{"artifactKind": strings.ToUpper(text(artifact, "kind"))})
		template["latestCheckpointFetchInterval"] = over(template, object{"latestCheckpointFetchInterval": 60})["latestCheckpointFetchInterval"]
	}
	if logging := part(template, "logging"); logging != nil {
		template["logging"] = over(logging, object{"log4j2ConfigurationTemplate": nil})
	}
	return out
}

// said is how many places a specification says.
func said(spec object) int {
	count := 0
	for _, place := range places {
		if text(spec, place) != "" {
			count++
		}
	}
	return count
}

// release is the version of the server without its patch.
func (s *Server) release() string {
	return s.Version[:strings.LastIndex(s.Version, ".")]
}

// imageTag is the tag of the platform's own image with a version of Flink.
func imageTag(flinkVersion string) string {
	patch := map[string]string{"1.18": "1.18.1", "1.19": "1.19.3", "1.20": "1.20.1"}[flinkVersion]
	if patch == "" {
		patch = flinkVersion
	}
	return patch + "-stream1-scala_2.12-java11"
}

// normalize writes a specification as the server stores it: options are texts, cores are
// numbers, and the names of kinds and states are in capitals.
func normalize(spec object) {
	stringify(part(spec, "template", "spec", "flinkConfiguration"))
	numbers(part(spec, "template", "spec"))
	capital := func(o object, field string) {
		if value := text(o, field); value != "" {
			o[field] = strings.ToUpper(value)
		}
	}
	capital(spec, "state")
	capital(part(spec, "upgradeStrategy"), "kind")
	capital(part(spec, "restoreStrategy"), "kind")
	capital(part(spec, "template", "spec", "artifact"), "kind")
}

// numbers has the cores of resources as numbers, also where they were sent as text.
func numbers(spec object) {
	for name := range part(spec, "resources") {
		resource := part(spec, "resources", name)
		if cpu, err := strconv.ParseFloat(text(resource, "cpu"), 64); err == nil {
			resource["cpu"] = cpu
		}
	}
}
