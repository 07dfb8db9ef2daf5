package flink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A secret of a specification never shows: a fingerprint stands in its place in
// everything that people read or that is stored for them, so that a change of the
// secret still shows.
//
// The fingerprint has to be the same in plan, apply and every later plan, and it
// has to be known before the object exists. So there is no random key for it:
// Terraform hands the private state of a create's plan to nobody but the apply of
// that very plan, and its second plan during the apply would make another one. A
// hash without a secret key can be tried offline, and no salt and no slow function
// saves a weak password from that. What bounds the harm is its length: twelve bits
// leave, of ten million likely passwords, more than two thousand that fit. Nothing
// that is written rests on it: whether a configured secret has changed is found by
// comparing the values themselves, which the state has as the user's own
// attributes (Restore). Only a secret that somebody changes in the cluster goes
// unseen once in 4096 times.
const fingerprintBits = 12

// fingerprintForm matches fingerprints in texts. They have no blank, because some
// stand among words.
var fingerprintForm = regexp.MustCompile(`\(sensitive:[0-9a-f]{3}\)`)

// fingerprintMark begins each fingerprint.
const fingerprintMark = "(sensitive:"

// Redactor puts fingerprints in the place of secrets. Its owner, for example the
// id of a deployment, tells the fingerprints of one object from those of another,
// so that nobody sees that two have the same password. The zero Redactor works.
type Redactor struct {
	Owner string
	// found collects the secrets that are redacted, by their fingerprint.
	found map[string]string
}

// fingerprint is what stands in the place of a secret of a name. It keeps the
// fingerprint of a text that is one already.
func (r Redactor) fingerprint(name, value string) string {
	if value == "" || fingerprintForm.FindString(value) == value {
		return value
	}
	mac := hmac.New(sha256.New, []byte("flink-terraform.io/redacted\x00"+r.Owner))
	mac.Write([]byte(name + "\x00" + value))
	number := binary.BigEndian.Uint16(mac.Sum(nil)) >> (16 - fingerprintBits)
	text := fmt.Sprintf("%s%03x)", fingerprintMark, number)
	if r.found != nil && len(value) >= shortestSecret && (name == urlPassword || SensitiveKey(name) || secretVariable.MatchString(name)) {
		r.found[value] = text
	}
	return text
}

// shortestSecret is how long a secret is at least that is looked for in texts of
// others: a shorter one may be part of any word.
const shortestSecret = 6

// Scrubber takes the secrets of a specification out of texts that others have
// written: the operator, the API server, the job.
type Scrubber struct{ replacer *strings.Replacer }

// Scrubber returns the one for specifications.
func (r Redactor) Scrubber(specs ...Tree) Scrubber { return ScrubberOf(r.secretsIn(specs)) }

// ScrubberOf returns the one for secrets, each with what stands in its place. The
// empty text is no secret.
func ScrubberOf(hidden map[string]string) Scrubber {
	// The longest first: one may be a part of another.
	secrets := slices.SortedFunc(maps.Keys(hidden), func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 4*len(secrets))
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		// A message may begin with it, as a sentence does.
		first, size := utf8.DecodeRuneInString(secret)
		pairs = append(pairs, secret, hidden[secret], string(unicode.ToUpper(first))+secret[size:], hidden[secret])
	}
	if len(pairs) == 0 {
		return Scrubber{}
	}
	return Scrubber{strings.NewReplacer(pairs...)}
}

// Scrub returns a text with fingerprints in the place of the secrets.
func (s Scrubber) Scrub(text string) string {
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

// Secrets returns what the Scrubber of specifications looks for.
func (r Redactor) Secrets(specs ...Tree) []string {
	return slices.Sorted(maps.Keys(r.secretsIn(specs)))
}

// secretsIn returns the secrets of specifications with their fingerprints.
func (r Redactor) secretsIn(specs []Tree) map[string]string {
	r.found = map[string]string{}
	for _, spec := range specs {
		r.Redact(spec)
	}
	return r.found
}

// Redact returns a specification with fingerprints in the place of its secrets:
// the values of the configuration keys that Flink itself hides, of environment
// variables in pod templates, of job and container arguments and Java options with
// such a name, of such properties in a log configuration, and passwords in URLs of
// arguments, and all of these where they stand in a platform's own words. Redacting twice is redacting once. The argument is not changed, and
// shares with the result what has no secret.
func (r Redactor) Redact(spec Tree) Tree {
	return r.replace(spec, map[string]func(any) any{
		"flinkConfiguration": func(value any) any { return r.configuration("", value) },
		"podTemplate":        r.template,
		"logConfiguration":   r.properties,
		"job":                r.within("args", r.arguments),
		"jobManager":         r.within("podTemplate", r.template),
		"taskManager":        r.within("podTemplate", r.template),
		"ververica":          r.within("deploymentTemplate", r.deploymentTemplate),
	})
}

// within redacts one field of an object.
func (r Redactor) within(field string, redact func(any) any) func(any) any {
	return func(value any) any {
		object, ok := value.(map[string]any)
		if !ok {
			return value
		}
		return r.replace(object, map[string]func(any) any{field: redact})
	}
}

// replace returns an object with some of its fields redacted.
func (Redactor) replace(object map[string]any, fields map[string]func(any) any) map[string]any {
	out := maps.Clone(object)
	for field, redact := range fields {
		if value, ok := object[field]; ok && value != nil {
			out[field] = redact(value)
		}
	}
	return out
}

// configuration redacts a flinkConfiguration, which may be nested.
func (r Redactor) configuration(prefix string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, inner := range value {
			path := key
			if prefix != "" {
				path = prefix + "." + key
			}
			out[key] = r.configuration(path, inner)
		}
		return out
	case nil, bool:
		return value
	}
	text, isText := value.(string)
	if !isText {
		text = Flatten(map[string]any{prefix: value})[prefix]
	}
	switch {
	case sensitiveValue(prefix, text):
		return r.fingerprint(CanonicalKey(prefix), text)
	case isText && javaOptions(prefix):
		return r.words(text)
	}
	return value
}

// javaOptions tells whether a key has arguments of the Java process
// (CoreOptions.FLINK_JVM_OPTIONS and its like).
func javaOptions(key string) bool { return strings.HasPrefix(key, "env.java.") }

// words redacts arguments that stand in one text, separated by blanks.
func (r Redactor) words(text string) string {
	if !strings.ContainsAny(text, "=:") {
		return text
	}
	parts := strings.SplitAfter(text, " ")
	for i, part := range parts {
		word := strings.TrimSuffix(part, " ")
		parts[i] = r.assignment(word) + part[len(word):]
	}
	return strings.Join(parts, "")
}

// template redacts a pod template.
func (r Redactor) template(value any) any {
	document, ok := asObject(value)
	if !ok {
		return value
	}
	return r.replace(document, map[string]func(any) any{"spec": func(value any) any {
		spec, ok := value.(map[string]any)
		if !ok {
			return value
		}
		fields := map[string]func(any) any{}
		for _, field := range containerLists {
			fields[field] = r.containers
		}
		return r.replace(spec, fields)
	}})
}

func asObject(value any) (map[string]any, bool) {
	if document, ok := value.(Document); ok {
		return document, true
	}
	object, ok := value.(map[string]any)
	return object, ok
}

func (r Redactor) containers(value any) any {
	return eachObject(value, func(container map[string]any) map[string]any {
		return r.replace(container, map[string]func(any) any{"env": r.variables, "args": r.arguments, "command": r.arguments})
	})
}

func (r Redactor) variables(value any) any {
	return eachObject(value, func(variable map[string]any) map[string]any {
		name, _ := variable["name"].(string)
		return r.replace(variable, map[string]func(any) any{"value": func(value any) any {
			switch value.(type) {
			case map[string]any, []any:
				return value
			}
			return r.fingerprint(name, scalarText(value))
		}})
	})
}

// eachObject changes the objects of a list.
func eachObject(value any, change func(map[string]any) map[string]any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	out := slices.Clone(list)
	for i, item := range list {
		if object, ok := item.(map[string]any); ok {
			out[i] = change(object)
		}
	}
	return out
}

// arguments redacts a list of arguments: "--db-password=x", "-Ds3.secret-key=x",
// and the one after "--db-password".
func (r Redactor) arguments(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	out := slices.Clone(list)
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			continue
		}
		before := ""
		if i > 0 {
			before, _ = list[i-1].(string)
		}
		if name := strings.TrimLeft(before, "-"); name != before && !strings.ContainsAny(name, "= ") && SensitiveKey(name) && !strings.HasPrefix(text, "-") {
			out[i] = r.fingerprint(name, text)
			continue
		}
		out[i] = r.assignment(text)
	}
	return out
}

// urlPassword names the password of a URL in arguments.
const urlPassword = "://"

// userInfo matches the password of a URL.
var userInfo = regexp.MustCompile(`(://[^/\s:@]*:)([^/\s@]+)(@)`)

// assignment redacts the value of an argument that has its name in it, and
// passwords in a URL.
func (r Redactor) assignment(text string) string {
	if name, value, ok := strings.Cut(text, "="); ok {
		plain := strings.TrimLeft(name, "-")
		if rest, java := strings.CutPrefix(plain, "D"); java && plain != name {
			plain = rest
		}
		if sensitiveValue(plain, value) {
			return name + "=" + r.fingerprint(plain, value)
		}
	}
	if !strings.Contains(text, "://") {
		return text
	}
	return userInfo.ReplaceAllStringFunc(text, func(found string) string {
		part := userInfo.FindStringSubmatch(found)
		return part[1] + r.fingerprint(urlPassword, part[2]) + part[3]
	})
}

// properties redacts the files of a log configuration, line by line.
func (r Redactor) properties(value any) any {
	files, ok := value.(map[string]any)
	if !ok {
		return value
	}
	out := maps.Clone(files)
	for name, file := range files {
		text, ok := file.(string)
		if !ok {
			continue
		}
		lines := strings.SplitAfter(text, "\n")
		for i, line := range lines {
			at := strings.IndexAny(line, "=:")
			if at < 0 || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			key, rest := strings.TrimSpace(line[:at]), line[at+1:]
			if plain := strings.TrimSpace(rest); sensitiveValue(key, plain) {
				lines[i] = line[:at+1] + strings.Replace(rest, plain, r.fingerprint(key, plain), 1)
			}
		}
		out[name] = strings.Join(lines, "")
	}
	return out
}
