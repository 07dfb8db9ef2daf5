package confluent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The server changes the text of no statement. One that goes on from the savepoint of
// another is a statement of its own, so the two need two names: the resource's, and
// that with a suffix. They take turns. An annotation says whose the other one is, and
// which of two came later.

// successorSuffix makes the second name, and onDestroySuffix that of the statement that
// on_destroy has.
const (
	successorSuffix = "-next"
	onDestroySuffix = "-on-destroy"
)

// longestName is how long a name may be for the newest servers.
const longestName = 45

// nameWith is the name of another statement of a resource. One that would be too long has
// a fingerprint in the place of its end.
func nameWith(resource, suffix string) string {
	if name := resource + suffix; len(name) <= longestName {
		return name
	}
	short := fingerprint(resource)[:6] + suffix
	return strings.TrimRight(resource[:longestName-len(short)-1], "-.") + "-" + short
}

// fingerprint tells one text from another.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Annotations of the statements that a resource has beside its first one.
const (
	// ownerAnnotation is "<name of the resource>/<how many statements it had before>".
	ownerAnnotation = annotationPrefix + "statement"
	// sentAnnotation, of one that takes over, is the fingerprint of what was sent: what the
	// server has of it may be completed.
	sentAnnotation = annotationPrefix + "sent"
	// restsAnnotation, of one that takes over, tells that the one before did not run.
	restsAnnotation = annotationPrefix + "before-rests"
	// endsAnnotation, of one that on_destroy has, is "<name of the resource>/<uid of the
	// statement before whose end it is carried out>".
	endsAnnotation = annotationPrefix + "on-destroy"
)

// successorName is the other one of the two names of a resource.
func successorName(resource, now string) string {
	if now == resource {
		return nameWith(resource, successorSuffix)
	}
	return resource
}

// ownerOf reads the annotation; a statement without is its name's own, and the first.
func ownerOf(o statementObject) (name string, turn int) {
	owner, number, there := strings.Cut(o.Metadata.Annotations[ownerAnnotation], "/")
	if !there {
		return o.Metadata.Name, 0
	}
	turn, err := strconv.Atoi(number)
	if err != nil {
		return o.Metadata.Name, 0
	}
	return owner, turn
}

// ownerAfter is the annotation of the statement after the one that a resource has.
func ownerAfter(resource string, before statementObject) string {
	_, turn := ownerOf(before)
	return fmt.Sprintf("%s/%d", resource, turn+1)
}

// on is where a statement is on the server.
func on(ref platform.Ref, o statementObject) platform.Ref {
	return platform.Ref{Namespace: ref.Namespace, Name: o.Metadata.Name}
}

// reader reads a statement by the name that it has on the server.
type reader func(ctx context.Context, ref platform.Ref) (statementObject, error)

// fresh is the reader of what is there now.
func (s *statements) fresh(ctx context.Context, ref platform.Ref) (statementObject, error) {
	return s.get(ctx, ref)
}

// locate finds the statement that a resource has, and the one that is to take over from
// it, nil where there is none. It fails with *platform.NotFoundError for neither.
func (s *statements) locate(ctx context.Context, ref platform.Ref, read reader) (active, incoming *statementObject, err error) {
	first, named, err := s.owned(ctx, ref, ref, read)
	if err != nil {
		return nil, nil, err
	}
	second, there, err := s.successor(ctx, ref, read)
	_, older := ownerOf(first)
	_, newer := ownerOf(second)
	switch {
	case err != nil:
		return nil, nil, err
	case !named && !there:
		return nil, nil, &platform.NotFoundError{Kind: s.name, Ref: ref}
	case !named:
		return &second, nil, nil
	case !there:
		return &first, nil, nil
	case newer > older && after(first, second):
		// The one before came before. This one was created by somebody else, when the name
		// was free.
		return &second, nil, nil
	case newer > older:
		return &first, &second, nil
	default:
		return &second, &first, nil
	}
}

// after tells whether a statement was created after another one, as far as that is told.
func after(o, other statementObject) bool {
	is, before := timeOf(o.Metadata.Created), timeOf(other.Metadata.Created)
	return !is.IsZero() && !before.IsZero() && is.After(before)
}

// owned reads a statement, and tells whether it is there and a resource's own.
func (s *statements) owned(ctx context.Context, resource, at platform.Ref, read reader) (statementObject, bool, error) {
	found, err := read(ctx, at)
	if err != nil {
		return statementObject{}, false, absentIsGone(err)
	}
	owner, _ := ownerOf(found)
	return found, owner == resource.Name, nil
}

// successor finds the statement that a resource has under its second name.
func (s *statements) successor(ctx context.Context, ref platform.Ref, read reader) (statementObject, bool, error) {
	at := platform.Ref{Namespace: ref.Namespace, Name: nameWith(ref.Name, successorSuffix)}
	if s.lacks(ctx, at) {
		return statementObject{}, false, nil
	}
	return s.owned(ctx, ref, at, read)
}

// lacks tells that the list has no statement of a name that this client has not written,
// so that nobody asks for each that there may be. Where there is no list, it knows nothing.
func (s *statements) lacks(ctx context.Context, at platform.Ref) bool {
	if s.client.written.Has(s.key(at)) {
		return false
	}
	all, err := s.client.list(ctx, s.in(at.Namespace))
	return err == nil && all[at.Name] == nil
}
