package flink

import (
	"slices"
	"strconv"
	"strings"
)

// Path leads to a value of a specification in its wire form: object keys, map
// keys and list indexes, for example {"job", "parallelism"} or
// {"flinkConfiguration", "state.backend.type"}.
type Path []string

// attributeNames maps the wire names whose attribute is not their snake case.
var attributeNames = map[string]string{
	"jarURI":         "jar_uri",
	"deploymentName": "session_cluster",
	"restartNonce":   "restart_triggers",
	"tls":            "tls",
}

// wholePaths maps the paths whose attribute stands elsewhere.
var wholePaths = map[string]string{
	"job.upgradeMode": "upgrade.mode",
	"metadata.name":   "name",
}

// mapFields are the objects whose keys are the user's own, not field names.
var mapFields = map[string]bool{
	"flinkConfiguration": true,
	"logConfiguration":   true,
	"annotations":        true,
	"labels":             true,
	"requests":           true,
	"limits":             true,
	"blueGreen":          true,

	"secretConfiguration": true,
}

// Attribute returns the path as the Terraform attribute that sets it, for
// example `job.parallelism` or `flink_configuration["state.backend.type"]`. A
// path into a document ends there, as that is one text attribute.
func (p Path) Attribute() string {
	if attribute, ok := wholePaths[strings.Join(p, ".")]; ok {
		return attribute
	}
	var out strings.Builder
	inMap := false
	for i, step := range p {
		switch {
		case inMap:
			out.WriteString("[" + strconv.Quote(step) + "]")
			inMap = false
			continue
		case isIndex(step):
			out.WriteString("[" + step + "]")
			continue
		}
		if i > 0 {
			out.WriteByte('.')
		}
		out.WriteString(AttributeName(step))
		if documentFields[step] {
			break
		}
		inMap = mapFields[step]
	}
	return out.String()
}

// Whole is Attribute that goes on inside a document, in the document's own
// words, for example `pod_template.spec.containers[0].env[1].value`.
func (p Path) Whole() string {
	var out strings.Builder
	out.WriteString(p.Attribute())
	at := slices.IndexFunc(p, IsDocument)
	if at < 0 {
		return out.String()
	}
	for _, step := range p[at+1:] {
		switch {
		case isIndex(step):
			out.WriteString("[" + step + "]")
		case strings.ContainsAny(step, "./-"):
			out.WriteString("[" + strconv.Quote(step) + "]")
		default:
			out.WriteString("." + step)
		}
	}
	return out.String()
}

// AttributeName returns the Terraform name of a wire field.
func AttributeName(field string) string {
	if name, ok := attributeNames[field]; ok {
		return name
	}
	var out strings.Builder
	for _, r := range field {
		if r >= 'A' && r <= 'Z' {
			out.WriteByte('_')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

// documentFields are the objects whose attribute is one text.
var documentFields = map[string]bool{"podTemplate": true, "savepointSchedule": true, "deploymentTemplate": true}

// IsDocument tells whether the attribute of a wire field is one text with a document.
func IsDocument(field string) bool { return documentFields[field] }

// IsMap tells whether the keys below a wire field are the user's own.
func IsMap(field string) bool { return mapFields[field] }

func isIndex(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil
}
