package registry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Latest names the newest version of a subject.
const Latest = "latest"

// Schema is one version of a subject.
type Schema struct {
	Subject string
	// ID is the number of the schema in the registry, which several subjects may
	// have, and Version its number in the subject.
	ID, Version int
	// Type is "AVRO", "JSON" or "PROTOBUF".
	Type string
	// Text is the schema as the registry writes it: with blanks, the order of keys
	// and short forms of its own.
	Text       string
	References []Reference
}

// Reference is a schema that another one is built on.
type Reference struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// Schema returns a version of a subject, by its number or Latest. An error is a
// *NotFoundError, an *AccessError, a *ForeignError, or one of rest.Client.Do.
func (c *Client) Schema(ctx context.Context, subject, version string) (Schema, error) {
	if err := subjectOf(subject); err != nil {
		return Schema{}, err
	}
	if number, err := strconv.Atoi(version); version != Latest && (err != nil || number < 1) {
		return Schema{}, fmt.Errorf("%q is no version of a subject: it is a number from 1 on, or %s", version, Latest)
	}
	var found wire
	err := c.get(ctx, &found, nil, "subjects", subject, "versions", version)
	switch kind := missing(err); {
	case kind == noSubject:
		return Schema{}, &NotFoundError{Subject: subject}
	case kind == noVersion:
		return Schema{}, &NotFoundError{Subject: subject, Version: version}
	case kind == noRegistry:
		return Schema{}, &ForeignError{Err: err}
	case err != nil:
		return Schema{}, err
	}
	return found.schema(subject), nil
}

// wire is a schema in an answer.
type wire struct {
	Subject    string      `json:"subject"`
	ID         int         `json:"id"`
	Version    int         `json:"version"`
	SchemaType string      `json:"schemaType"`
	Schema     string      `json:"schema"`
	References []Reference `json:"references"`
}

func (w wire) schema(subject string) Schema {
	return Schema{Subject: subject, ID: w.ID, Version: w.Version, Type: typeOf(w.SchemaType), Text: w.Schema, References: w.References}
}

// lookup returns what a subject has that counts as the same schema. fresh tells that
// there is no such subject; else found is nil where the schema is new to it.
func (c *Client) lookup(ctx context.Context, subject, text string) (found *Schema, fresh bool, err error) {
	var same wire
	err = c.ask(ctx, &same, text, nil, "subjects", subject)
	switch kind := missing(err); {
	case kind == noSubject:
		return nil, true, nil
	case kind == noSchema, unreadableToLookup(err):
		return nil, false, nil
	case kind == noRegistry:
		return nil, false, &ForeignError{Err: err}
	case err != nil:
		return nil, false, err
	}
	schema := same.schema(subject)
	return &schema, false, nil
}

// Compatibility returns the level that rules what a subject takes, for example
// "BACKWARD": its own or, where it has none, that of the registry. An error is an
// *AccessError, a *ForeignError, or one of rest.Client.Do.
func (c *Client) Compatibility(ctx context.Context, subject string) (string, error) {
	if err := subjectOf(subject); err != nil {
		return "", err
	}
	var set struct {
		Level string `json:"compatibilityLevel"`
	}
	err := c.get(ctx, &set, url.Values{"defaultToGlobal": {"true"}}, "config", subject)
	if kind := missing(err); kind == noSubject || kind == noLevel {
		err = c.get(ctx, &set, nil, "config")
	}
	switch {
	case missing(err) == noRegistry:
		return "", &ForeignError{Err: err}
	case err != nil:
		return "", err
	case set.Level == "":
		return "", &ForeignError{Err: errors.New("the level of compatibility is asked for, and the answer has none")}
	}
	return set.Level, nil
}

// refusal returns why a registry does not take a schema, and err itself where that
// is not about the schema.
func refusal(subject string, err error) error {
	answer, ok := errors.AsType[*rest.StatusError](err)
	switch {
	case !ok:
		return err
	case answer.Code == 409:
		words, against := wordsOfRefusal(answer.Message)
		return &IncompatibleError{Subject: subject, Words: words, Against: against, Err: err}
	case answer.Number == readOnly:
		return &ModeError{Subject: subject, Message: answer.Message, Err: err}
	case answer.Code == 422:
		return &InvalidSchemaError{Subject: subject, Message: answer.Message, Err: err}
	case missing(err) == noRegistry:
		return &ForeignError{Err: err}
	}
	return err
}
