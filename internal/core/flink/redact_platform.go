package flink

import "strings"

// deploymentTemplate redacts what stands in the words of Ververica Platform: variables and
// pod templates of its pods, and the arguments of the program, which are one text there
// (KubernetesOptions, Pods and JarArtifact of its API).
func (r Redactor) deploymentTemplate(value any) any {
	return r.platformWords(value, map[string]func(any) any{"spec": func(value any) any {
		return r.platformWords(value, map[string]func(any) any{
			"artifact":           r.within("mainArgs", r.argumentText),
			"flinkConfiguration": func(value any) any { return r.configuration("", value) },
			"kubernetes": func(value any) any {
				return r.platformWords(value, map[string]func(any) any{
					"pods":                   r.pods,
					"jobManagerPodTemplate":  r.template,
					"taskManagerPodTemplate": r.template,
				})
			},
		})
	}})
}

// platformWords redacts fields of what may be an object.
func (r Redactor) platformWords(value any, fields map[string]func(any) any) any {
	object, ok := asObject(value)
	if !ok {
		return value
	}
	return r.replace(object, fields)
}

// pods redacts the platform's options of pods.
func (r Redactor) pods(value any) any {
	return r.platformWords(value, map[string]func(any) any{"envVars": r.variables})
}

// argumentText redacts arguments in one text, separated by blanks.
func (r Redactor) argumentText(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	var parts []any
	for part := range strings.SplitSeq(text, " ") {
		parts = append(parts, part)
	}
	redacted, _ := r.arguments(parts).([]any)
	words := make([]string, len(redacted))
	for i, word := range redacted {
		words[i], _ = word.(string)
	}
	return strings.Join(words, " ")
}
