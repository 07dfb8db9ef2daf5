package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file is where registries are told from each other: by what they answer, as
// none of them says reliably what it is. Confluent is 8.3.1, Karapace 6.2.0 and
// Apicurio 3.3.3 (ccompat v7).

// absence is what a registry says is not there.
type absence int

const (
	nothing absence = iota
	noSubject
	noVersion
	noSchema
	noLevel
	// noRegistry is an answer 404 that is not one of a registry's own.
	noRegistry
)

// absences are the numbers of errors that all three share. Confluent and Apicurio
// say 40401 of a subject whose versions are all deleted, too.
var absences = map[int]absence{40401: noSubject, 40402: noVersion, 40403: noSchema, 40408: noLevel}

// readOnly is Confluent's number for a mode in which no schema is taken. Karapace
// knows no mode, and Apicurio accepts one and goes on taking schemas.
const readOnly = 42205

// missing returns what is not there. Karapace has no path that compares with all
// versions, and answers a plain 404 there, as whatever is no registry does.
func missing(err error) absence {
	refused, ok := errors.AsType[*rest.StatusError](err)
	if !ok || refused.Code != http.StatusNotFound {
		return nothing
	}
	return cmp.Or(absences[refused.Number], noRegistry)
}

// typeOf returns the type of a schema. Karapace and Apicurio leave AVRO out.
func typeOf(answered string) string { return cmp.Or(answered, "AVRO") }

// blank tells that a text is no schema at all. Of a body without one, Confluent
// registers the latest version again and answers 200, and Apicurio fails with 500.
// Apicurio registers an empty text, and then takes no Avro for the subject any more.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// unreadableToLookup tells that a schema cannot be looked up because it is invalid:
// of a subject that it has, Karapace answers 500 with the number 500. What is wrong
// it says when it is asked to register or compare.
func unreadableToLookup(err error) bool {
	refused, ok := errors.AsType[*rest.StatusError](err)
	return ok && refused.Code == http.StatusInternalServerError && refused.Number == http.StatusInternalServerError
}

// compatible tells whether a subject would take a schema that it does not have. To
// compare with all versions is what registering does for Confluent. Apicurio compares
// with all of them then at every level, and when it registers only at a transitive
// one; Karapace has the latest version alone to ask for, and heeds the level there.
func (c *Client) compatible(ctx context.Context, subject, text string) (Verdict, error) {
	verdict, err := c.compare(ctx, subject, text)
	if missing(err) == noRegistry {
		verdict, err = c.compare(ctx, subject, text, Latest)
	} else if err == nil && !verdict.Compatible {
		verdict, err = c.overridden(ctx, subject, text, verdict)
	}
	switch kind := missing(err); {
	case kind == noSubject, kind == noVersion:
		return Verdict{New: true, Compatible: true}, nil
	case err != nil:
		return Verdict{}, refusal(subject, err)
	}
	return verdict, nil
}

// overridden returns the verdict on the latest version, where the level of a subject
// makes it the one that counts.
func (c *Client) overridden(ctx context.Context, subject, text string, all Verdict) (Verdict, error) {
	latest, err := c.compare(ctx, subject, text, Latest)
	if err != nil || !latest.Compatible {
		return all, err
	}
	level, err := c.Compatibility(ctx, subject)
	if err != nil || strings.HasSuffix(level, "_TRANSITIVE") {
		return all, err
	}
	return latest, nil
}

// numbered finds the version of what was registered. Confluent answers it; Karapace
// and Apicurio answer the id alone.
func (c *Client) numbered(ctx context.Context, subject, text string, made wire) (Registered, error) {
	if made.Version > 0 && made.Schema != "" {
		return Registered{ID: made.ID, Version: made.Version, Ignored: ignored(text, made.Schema)}, nil
	}
	found, _, err := c.lookup(ctx, subject, text)
	switch {
	case err != nil:
		return Registered{}, &UnsettledError{Subject: subject, Err: err}
	case found == nil:
		return Registered{}, &UnsettledError{Subject: subject, Err: errors.New("It answers that it is, with the id " + strconv.Itoa(made.ID) + ", and has no version of it")}
	}
	return Registered{ID: found.ID, Version: found.Version, Ignored: ignored(text, found.Text)}, nil
}

// ignored names what a registry has left out of a schema. For Apicurio a schema is
// the same when only doc or aliases differ: it answers the id of the version it has,
// and keeps that as it is. For the others it is a new version.
func ignored(asked, kept string) []string {
	wanted, has := remarks(asked), remarks(kept)
	var out []string
	for _, key := range []string{"aliases", "doc"} {
		if !slices.Equal(wanted[key], has[key]) {
			out = append(out, key)
		}
	}
	return out
}

// remarks are the values of doc and aliases in a schema, in an order that does not
// depend on that of keys. Registries write aliases with or without their namespace.
func remarks(text string) map[string][]string {
	var schema any
	if json.Unmarshal([]byte(text), &schema) != nil {
		return nil
	}
	found := map[string][]string{}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				walk(at, element)
			}
		case map[string]any:
			name, _ := value["name"].(string)
			at += "/" + lastPart(name)
			for _, key := range slices.Sorted(maps.Keys(value)) {
				switch key {
				case "default", "symbols":
				case "doc":
					if doc, ok := value[key].(string); ok && doc != "" {
						found[key] = append(found[key], at+" "+doc)
					}
				case "aliases":
					aliases, _ := value[key].([]any)
					for _, alias := range aliases {
						text, _ := alias.(string)
						found[key] = append(found[key], at+" "+lastPart(text))
					}
				default:
					walk(at, value[key])
				}
			}
		}
	}
	walk("", schema)
	return found
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

var (
	// difference is how Confluent writes one thing that is at odds.
	difference = regexp.MustCompile(`\{errorType:["'](.*?)["'], description:["'](.*?)["'](?:, additionalInfo:["'](.*?)["'])?\}`)
	// opponent is how it writes the version that it compares with.
	opponent = regexp.MustCompile(`\{oldSchemaVersion: (\d+)\}`)
	// quoted is how it repeats that version and the configuration.
	quoted = regexp.MustCompile(`(?s)(, )?\{(oldSchema|validateFields): .*\}`)
	// briefly is what Karapace and Apicurio have before what is at odds.
	briefly = regexp.MustCompile(`(?s)^.*(?:Incompatibilities: |list of diff types: \[)(.*?)\]?$`)
)

// wordsOf returns what is at odds, as a registry says it when it is asked to
// compare. Confluent says it in a notation with a path, and repeats the old schema;
// Karapace says the name of the field, or what does not match; Apicurio says nothing.
func wordsOf(messages []string) (words []string, against int) {
	for _, message := range messages {
		if found := opponent.FindStringSubmatch(message); found != nil {
			against, _ = strconv.Atoi(found[1])
			continue
		}
		if found := difference.FindStringSubmatch(message); found != nil {
			message = found[2]
			if found[3] != "" && !strings.Contains(message, "'"+found[3]+"'") {
				message += ": " + found[3]
			}
		}
		if message = quoted.ReplaceAllString(message, ""); message != "" {
			words = append(words, message)
		}
	}
	return words, against
}

// wordsOfRefusal is wordsOf for the one text of an answer 409. Confluent's number is
// 40901, and the others' 409. Apicurio has words here.
func wordsOfRefusal(message string) (words []string, against int) {
	if found := difference.FindAllString(message, -1); found != nil {
		return wordsOf(append(found, opponent.FindString(message)))
	}
	if found := briefly.FindStringSubmatch(message); found != nil {
		return []string{found[1]}, 0
	}
	return wordsOf([]string{message})
}
