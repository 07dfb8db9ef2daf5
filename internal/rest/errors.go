package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
)

// StatusError is an answer that is no success.
type StatusError struct {
	Request  string // for example "PUT environments/prod/compute-pools/sql"
	Endpoint string
	Code     int // HTTP status
	// Number is the server's own of the error, that of {"error_code":…}; 0 for none.
	Number int
	// Message is the server's own, or the name of the status when it says nothing.
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("The server at %s answers %d to %s: %s.", e.Endpoint, e.Code, e.Request, strings.TrimSuffix(e.Message, "."))
}

// HTTPStatus is Code, for who tells errors of several clients apart.
func (e *StatusError) HTTPStatus() int { return e.Code }

// Code returns the HTTP status of a *StatusError, 0 for any other error.
func Code(err error) int {
	if refused, ok := errors.AsType[*StatusError](err); ok {
		return refused.Code
	}
	return 0
}

// UnreachableError means that no answer comes from the server.
type UnreachableError struct {
	Endpoint string
	Cause    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("The server at %s cannot be reached: %s.", e.Endpoint, strings.TrimSuffix(e.Cause.Error(), "."))
}

func (e *UnreachableError) Unwrap() error { return e.Cause }

// UnknownOutcomeError means that a request that must not be sent twice may have
// been carried out, or not.
type UnknownOutcomeError struct{ Err error }

func (e *UnknownOutcomeError) Error() string { return e.Err.Error() }

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// CredentialsError means that the token server gives no token.
type CredentialsError struct {
	// Server is the URL of the token server.
	Server  string
	Message string
}

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("The token server at %s gives no token: %s.", e.Server, strings.TrimSuffix(e.Message, "."))
}

// UnreadableError means that an answer is no JSON of the expected form, for
// example because the endpoint is that of something else.
type UnreadableError struct {
	Request  string
	Endpoint string
	Cause    error
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("The server at %s answers to %s with something that cannot be read: %s.", e.Endpoint, e.Request, strings.TrimSuffix(e.Cause.Error(), "."))
}

func (e *UnreadableError) Unwrap() error { return e.Cause }

// ConfigError means that a client cannot be made of a configuration.
type ConfigError struct {
	// Attribute is the value at fault, for example "endpoint".
	Attribute string
	Message   string
}

func (e *ConfigError) Error() string { return e.Message }

// number returns what the body of an answer has as the number of an error.
func number(body []byte) int {
	var told struct {
		Number int `json:"error_code"`
	}
	if json.Unmarshal(body, &told) != nil {
		return 0
	}
	return told.Number
}

// longestMessage is how much of a plain text is a message.
const longestMessage = 500

// message returns what the body of an answer says about an error: that of
// {"errors":[{"message":"…"}]}, of {"message":"…"}, or a plain text.
func (r Request) message(got *received) string {
	hidden := r.Hide
	if hidden == nil {
		hidden = func(text string) string { return text }
	}
	var told struct {
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
		Message string `json:"message"`
	}
	if json.Unmarshal(got.body, &told) == nil {
		var all []string
		for _, e := range told.Errors {
			if e.Message != "" {
				all = append(all, strings.TrimSuffix(e.Message, "."))
			}
		}
		switch {
		case len(all) > 0:
			return hidden(strings.Join(all, "; "))
		case told.Message != "":
			return hidden(told.Message)
		}
	}
	// Before the text is cut or its blanks are folded: a part of a secret is one too.
	text := strings.Join(strings.Fields(hidden(string(got.body))), " ")
	kind, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	switch {
	case text == "":
		return "it does not say why"
	case kind == "text/html":
		return "it sends a web page, as a proxy does that stands before the server"
	case len(text) > longestMessage:
		return strings.ToValidUTF8(text[:longestMessage], "") + " …"
	}
	return text
}

// rootCause takes the method and the URL, which the message has itself, off an
// error of net/http.
func rootCause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if inner, ok := errors.AsType[*sentError](err); ok {
		err = inner.error
	}
	return err
}
