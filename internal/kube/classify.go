package kube

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The API server says some things only in its messages. The expressions follow
// k8s.io/apimachinery (managedfields, api/errors) and k8s.io/apiserver
// (admission/plugin/webhook/errors, authorization) 1.36; those messages have
// been the same since 1.20.
var (
	conflictManager = regexp.MustCompile(`conflict with "([^"]+)"`)
	unknownField    = regexp.MustCompile(`(unknown|duplicate) field "([^"]+)"`)
	undeclaredField = regexp.MustCompile(`(\.(?:[^\s:\[]|\[[^\]]*\])+): (field not declared in schema|expected [^;\n]+|duplicate entries for key [^;\n]+)`)
	goValue         = regexp.MustCompile(`&value\.valueUnstructured\{Value:(.*)\}`)
	webhookDenied   = regexp.MustCompile(`^admission webhook "([^"]+)" denied the request(?: without explanation)?:? ?`)
	policyDenied    = regexp.MustCompile(`ValidatingAdmissionPolicy '([^']+)'(?: with binding '[^']+')? denied request: `)
	webhookFailed   = regexp.MustCompile(`failed calling webhook "([^"]+)"|conversion webhook for ([^:]+?) failed`)
	otherUID        = regexp.MustCompile(`uid mismatch: |Precondition failed: UID in precondition|the UID in the precondition `)
	rbacDenied      = regexp.MustCompile(`User "([^"]+)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?`)
)

// classify turns an error of client-go into one of this package's types. The
// context's own end stays as it is.
func (c *Client) classify(err error, verb string, ref Ref) error {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status):
		return c.classifyStatus(status.Status(), verb, ref)
	case errors.Is(err, errNoAnswer):
		return &UnreachableError{Endpoint: c.endpoint, Cause: errNoAnswer}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case strings.Contains(err.Error(), "getting credentials: "):
		// client-go's exec authenticator has no type for this.
		_, message, _ := strings.Cut(err.Error(), "getting credentials: ")
		return &CredentialsError{Endpoint: c.endpoint, Message: message}
	}
	return &UnreachableError{Endpoint: c.endpoint, Cause: err}
}

func (c *Client) classifyStatus(s metav1.Status, verb string, ref Ref) error {
	if m := webhookFailed.FindStringSubmatch(s.Message); m != nil {
		return &WebhookUnavailableError{Ref: ref, Webhook: m[1] + m[2], Answered: strings.Contains(s.Message, "an error on the server ("), Message: s.Message}
	}
	if denied := admissionDenial(s, verb, ref); denied != nil {
		return denied
	}
	switch s.Code {
	case http.StatusUnauthorized:
		return &CredentialsError{Endpoint: c.endpoint, Message: s.Message}
	case http.StatusForbidden:
		return forbidden(s, verb, ref)
	case http.StatusNotFound:
		return c.missing(s, ref)
	case http.StatusConflict:
		if fields := fieldConflicts(s); len(fields) > 0 {
			return &ConflictError{Ref: ref, Fields: fields}
		}
		if otherUID.MatchString(s.Message) {
			return &NotFoundError{Ref: ref}
		}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		invalid := &InvalidError{Ref: ref, Causes: causes(s)}
		if slices.ContainsFunc(invalid.Causes, func(c Cause) bool { return c.Field == "metadata.uid" }) {
			return &NotFoundError{Ref: ref} // an object of the name, but another one
		}
		return invalid
	case http.StatusInternalServerError:
		// Server-side apply reports what does not fit the schema's structure
		// this way (apimachinery, managedfields/internal/structuredmerge.go).
		if strings.Contains(s.Message, "failed to create typed patch object") {
			return &InvalidError{Ref: ref, Causes: causes(s)}
		}
	}
	return &ServerError{Ref: ref, Verb: verb, Code: int(s.Code), Reason: string(s.Reason), Message: s.Message}
}

// missing tells the three meanings of 404 apart: nothing is served at the
// path (the answer is then no Status but "404 page not found"), the namespace
// is missing, the object is missing.
func (c *Client) missing(s metav1.Status, ref Ref) error {
	details := s.Details
	if details == nil {
		return &NotServedError{Kind: ref.Kind, Endpoint: c.endpoint}
	}
	for _, cause := range details.Causes {
		if cause.Type == metav1.CauseTypeUnexpectedServerResponse {
			return &NotServedError{Kind: ref.Kind, Endpoint: c.endpoint}
		}
	}
	if details.Kind == "namespaces" && ref.Kind.Resource != "namespaces" {
		return &NamespaceNotFoundError{Ref: ref}
	}
	if details.Name == "" {
		return &NotServedError{Kind: ref.Kind, Endpoint: c.endpoint}
	}
	return &NotFoundError{Ref: ref}
}

func fieldConflicts(s metav1.Status) []FieldConflict {
	if s.Details == nil {
		return nil
	}
	var fields []FieldConflict
	for _, cause := range s.Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		manager := cause.Message
		if m := conflictManager.FindStringSubmatch(cause.Message); m != nil {
			manager = m[1]
		}
		fields = append(fields, FieldConflict{Path: cause.Field, Manager: manager})
	}
	return fields
}

// causes collects why an object is invalid. What strict validation and
// server-side apply find is only in the message; where details come with it,
// they hold the whole object instead of the field.
func causes(s metav1.Status) []Cause {
	var all []Cause
	for _, m := range unknownField.FindAllStringSubmatch(s.Message, -1) {
		kind := CauseUnknownField
		if m[1] == "duplicate" {
			kind = string(metav1.CauseTypeFieldValueDuplicate)
		}
		all = append(all, Cause{Field: m[2], Type: kind, Message: m[1] + " field"})
	}
	for _, m := range undeclaredField.FindAllStringSubmatch(s.Message, -1) {
		kind := string(metav1.CauseTypeFieldValueInvalid)
		if strings.HasPrefix(m[2], "field not declared") {
			kind = CauseUnknownField
		}
		all = append(all, Cause{Field: strings.TrimPrefix(m[1], "."), Type: kind, Message: goValue.ReplaceAllString(m[2], "$1")})
	}
	if len(all) == 0 && s.Details != nil {
		for _, cause := range s.Details.Causes {
			if cause.Type == metav1.CauseTypeUnexpectedServerResponse {
				continue
			}
			field := cause.Field
			if field == "<nil>" { // the server prints an absent path like this
				field = ""
			}
			all = append(all, Cause{Field: field, Type: string(cause.Type), Message: shorten(cause.Message)})
		}
	}
	if len(all) == 0 {
		all = []Cause{{Message: shorten(s.Message)}}
	}
	// The server reports some findings once by each of its checks.
	var unique []Cause
	for _, cause := range all {
		if !slices.Contains(unique, cause) {
			unique = append(unique, cause)
		}
	}
	return unique
}

// shorten cuts a message in which the server repeats a large value.
func shorten(message string) string {
	const most = 600
	if len(message) <= most {
		return message
	}
	return strings.ToValidUTF8(message[:most], "") + "…"
}

// admissionDenial recognizes the answer of a webhook or of a policy, which
// choose their status code themselves.
func admissionDenial(s metav1.Status, verb string, ref Ref) *DeniedError {
	if loc := webhookDenied.FindStringSubmatchIndex(s.Message); loc != nil {
		message := s.Message[loc[1]:]
		if message == "" {
			message = "it gives no reason"
		}
		return &DeniedError{Ref: ref, Verb: verb, Admission: s.Message[loc[2]:loc[3]], Message: message}
	}
	if loc := policyDenied.FindStringSubmatchIndex(s.Message); loc != nil {
		return &DeniedError{Ref: ref, Verb: verb, Admission: s.Message[loc[2]:loc[3]], Message: s.Message[loc[1]:]}
	}
	return nil
}

func forbidden(s metav1.Status, verb string, ref Ref) *DeniedError {
	denied := &DeniedError{Ref: ref, Verb: verb, Resource: ref.Kind.GroupResource().String(), Message: s.Message}
	m := rbacDenied.FindStringSubmatch(s.Message)
	if m == nil {
		// Quota and a terminating namespace answer 403 too; they are built-in
		// admission and not a question of rights.
		denied.Admission, denied.Resource = "built into the API server", ""
		return denied
	}
	denied.User, denied.Verb, denied.Resource = m[1], m[2], m[3]
	if m[4] != "" {
		denied.Resource += "." + m[4]
	}
	return denied
}

// rootMessage leaves out the request line that net/http puts before the cause,
// because the endpoint is named already.
func rootMessage(err error) string {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err
	}
	return err.Error()
}
