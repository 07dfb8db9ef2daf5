package registry

import (
	"context"
	"net/url"
)

// Verdict is whether registering a schema would succeed.
type Verdict struct {
	// New tells that the subject does not exist.
	New bool
	// Known is the version that the subject has already as the same schema; 0 for
	// none. Registering it changes nothing.
	Known int
	// Compatible tells that the registry would take the schema.
	Compatible bool
	// Words are the registry's own of what is at odds, where Compatible is false and
	// it says so: Apicurio does not.
	Words []string
	// Against is the version that the schema is at odds with; 0 where the registry
	// does not say.
	Against int
	// Ignored is what the registry would leave out of the schema, because it has it
	// without already: "aliases", "doc".
	Ignored []string
}

// Check tells whether registering a schema would succeed, and writes nothing. It
// says nothing of the mode of the registry. An error is an *InvalidSchemaError, an
// *AccessError, a *ForeignError, or one of rest.Client.Do.
func (c *Client) Check(ctx context.Context, subject, text string) (Verdict, error) {
	if err := sound(subject, text); err != nil {
		return Verdict{}, err
	}
	verdict, err := c.compatible(ctx, subject, text)
	if err != nil || verdict.New {
		return verdict, err
	}
	known, fresh, err := c.lookup(ctx, subject, text)
	switch {
	case err != nil:
		return Verdict{}, refusal(subject, err)
	case fresh:
		return Verdict{New: true, Compatible: true}, nil
	case known != nil:
		// Whatever the level: it is not registered once more.
		return Verdict{Known: known.Version, Compatible: true, Ignored: ignored(text, known.Text)}, nil
	}
	return verdict, nil
}

// compare asks whether a schema is compatible with the versions that a path names
// below those of a subject.
func (c *Client) compare(ctx context.Context, subject, text string, which ...string) (Verdict, error) {
	var answer struct {
		Compatible bool     `json:"is_compatible"`
		Messages   []string `json:"messages"`
	}
	path := append([]string{"compatibility", "subjects", subject, "versions"}, which...)
	if err := c.ask(ctx, &answer, text, url.Values{"verbose": {"true"}}, path...); err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Compatible: answer.Compatible}
	if !answer.Compatible {
		verdict.Words, verdict.Against = wordsOf(answer.Messages)
	}
	return verdict, nil
}

// sound refuses what is not to be sent.
func sound(subject, text string) error {
	if err := subjectOf(subject); err != nil {
		return err
	}
	if blank(text) {
		return &InvalidSchemaError{Subject: subject, Message: "it is empty"}
	}
	return nil
}
