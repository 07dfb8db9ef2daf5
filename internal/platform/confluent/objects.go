package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// metadata are the fields of an object's metadata that a client sets, and those of
// the server which it looks at.
type metadata struct {
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`

	UID     string `json:"uid,omitempty"`
	Created string `json:"creationTimestamp,omitempty"`
}

// object is what the API takes and gives: S is its specification, and U its
// status, which nobody sends.
type object[S, U any] struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       S        `json:"spec"`
	Status     U        `json:"status,omitzero"`
}

// annotationPrefix begins the annotations that the provider keeps for itself.
const annotationPrefix = "flink-terraform.io/"

// described is what resources know of an object's metadata.
func (o object[S, U]) described(in string) platform.Described {
	annotations := maps.Clone(o.Metadata.Annotations)
	maps.DeleteFunc(annotations, func(key, _ string) bool { return strings.HasPrefix(key, annotationPrefix) })
	return platform.Described{Ref: platform.Ref{Namespace: in, Name: o.Metadata.Name}, Labels: o.Metadata.Labels, Annotations: annotations}
}

// kind are the objects of one kind: created by POST, replaced as a whole by PUT.
type kind[S, U any] struct {
	client *Client
	// name is the API's, for example "ComputePool", and parent that of what the
	// objects are in, empty for nothing.
	name, parent string
	// in returns the collection of what they are in.
	in func(of string) []string
	// same tells whether a specification that is found is the one that was sent; nil
	// where both are equal.
	same func(found, sent S) bool
	// marked tells that what comes back of a specification is too little to know an
	// object again, so that each create marks its own.
	marked bool
	// hide returns what takes the secrets of a specification out of a text; nil for a
	// kind without secrets.
	hide func(S) func(text string) string
	// slowest is the longest pause between two looks at an object that somebody waits
	// for; 0 for longestPoll.
	slowest time.Duration
}

// key names an object in Client.written.
func (k kind[S, U]) key(ref platform.Ref) writtenKey { return writtenKey{k.name, ref} }

// writes notes that a write of an object begins. What it returns notes that it ends.
func (k kind[S, U]) writes(ref platform.Ref) (ends func()) {
	return k.client.written.Write(k.key(ref))
}

func (k kind[S, U]) path(ref platform.Ref) []string {
	return append(k.in(ref.Namespace), ref.Name)
}

func (k kind[S, U]) object(of platform.Described, spec S) object[S, U] {
	return object[S, U]{APIVersion: apiVersion, Kind: k.name, Metadata: metadata{Name: of.Name, Labels: of.Labels, Annotations: of.Annotations}, Spec: spec}
}

// request is one that sends an object.
func (k kind[S, U]) request(method string, path []string, want object[S, U]) rest.Request {
	request := rest.Request{Method: method, Path: path, Body: want}
	if k.hide != nil {
		request.Hide = k.hide(want.Spec)
	}
	return request
}

// get returns an object as the server has it now.
func (k kind[S, U]) get(ctx context.Context, ref platform.Ref) (object[S, U], error) {
	var found object[S, U]
	answer, err := k.client.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: k.path(ref)})
	if err == nil {
		err = answer.Decode(&found)
	}
	if rest.Code(err) == http.StatusNotFound {
		return found, k.notFound(ctx, ref, err)
	}
	return found, err
}

// notFound is the error of an object that the server does not have. Only what knows
// the collection, or the environments, is believed.
func (k kind[S, U]) notFound(ctx context.Context, ref platform.Ref, refused error) error {
	collections := [][]string{k.in(ref.Namespace)}
	if ref.Namespace != "" {
		collections = append(collections, at("environments"))
	}
	return k.client.absent(ctx, &platform.NotFoundError{Kind: k.name, Ref: ref}, refused, collections...)
}

// read returns an object of the list of its collection, which is read once. What
// the list does not have, and what this client has written, is read singly.
func (k kind[S, U]) read(ctx context.Context, ref platform.Ref) (object[S, U], error) {
	if !k.client.written.Has(k.key(ref)) {
		all, err := k.client.list(ctx, k.in(ref.Namespace))
		if err != nil && !refusesLists(err) {
			return object[S, U]{}, err
		}
		if raw, ok := all[ref.Name]; ok {
			var found object[S, U]
			err := json.Unmarshal(raw, &found)
			return found, err
		}
	}
	return k.get(ctx, ref)
}

// refusesLists tells that a list cannot be read, and an object perhaps can.
func refusesLists(err error) bool {
	switch rest.Code(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	}
	return false
}

// creations is how often a create is tried whose outcome is not known.
const creations = 4

// create creates an object. It is looked for before, so that one like it that is
// there after a create without an answer is this one.
func (k kind[S, U]) create(ctx context.Context, ref platform.Ref, want object[S, U]) (object[S, U], error) {
	_, err := k.get(ctx, ref)
	if err == nil {
		return want, k.exists(ref)
	}
	if absent := (*platform.NotFoundError)(nil); !errors.As(err, &absent) {
		return want, err
	}
	if _, err := k.client.list(ctx, k.in(ref.Namespace)); rest.Code(err) == http.StatusNotFound {
		return want, k.noParent(ref.Namespace)
	}
	if k.marked {
		want.Metadata.Annotations = written.Marked(want.Metadata.Annotations)
	}
	defer k.writes(ref)()
	for try := 1; ; try++ {
		answer, err := k.client.rest.Do(ctx, k.request(http.MethodPost, k.in(ref.Namespace), want))
		if err == nil {
			return k.decoded(ctx, ref, answer)
		}
		_, unknown := errors.AsType[*rest.UnknownOutcomeError](err)
		switch {
		case unknown, rest.Code(err) == http.StatusConflict && try > 1:
		case rest.Code(err) == http.StatusConflict:
			return want, k.exists(ref)
		default:
			return want, err
		}
		found, lookup := k.get(ctx, ref)
		absent := (*platform.NotFoundError)(nil)
		switch {
		case lookup == nil && k.isSame(found.Spec, want.Spec) && (!k.marked || written.SameMark(found.Metadata.Annotations, want.Metadata.Annotations)):
			return found, nil
		case lookup == nil:
			return want, k.isAnother(ref)
		case !errors.As(lookup, &absent):
			return want, lookup
		case try == creations:
			return want, err
		}
	}
}

// decoded reads an answer, or where that has no body, the object.
func (k kind[S, U]) decoded(ctx context.Context, ref platform.Ref, answer *rest.Answer) (object[S, U], error) {
	if answer.Empty() {
		return k.get(ctx, ref)
	}
	var written object[S, U]
	err := answer.Decode(&written)
	return written, err
}

// isSame compares two specifications by what is sent of them.
func (k kind[S, U]) isSame(found, sent S) bool {
	if k.same != nil {
		return k.same(found, sent)
	}
	first, err := json.Marshal(found)
	second, err2 := json.Marshal(sent)
	var a, b any
	return err == nil && err2 == nil && json.Unmarshal(first, &a) == nil && json.Unmarshal(second, &b) == nil && reflect.DeepEqual(a, b)
}

// used says that an object of a kind cannot be changed or deleted while others, of one sort,
// use it.
func used(kind string, ref platform.Ref, err error, sort string, names []string) error {
	refused, ok := errors.AsType[*rest.StatusError](err)
	if !ok {
		return err
	}
	told := errors.New(refused.Message)
	if len(names) > 0 {
		told = fmt.Errorf("%s %s is used by the %s %s: %s", kind, ref, sort, strings.Join(names, ", the "+sort+" "), refused.Message)
	}
	return &platform.ExplainedError{
		Cause: "it is still in use", Err: told,
		Remedy: "Nothing was changed. Stop or delete what uses it first; what this configuration has is ordered by its references.",
	}
}

// exists says, of a create, that the object is there already.
func (k kind[S, U]) exists(ref platform.Ref) error {
	return &platform.ExistsError{Err: fmt.Errorf("%s %s exists already", k.name, ref)}
}

// isAnother says, of a create without an answer, that the object which is there now
// is not known to be the one that it has sent.
func (k kind[S, U]) isAnother(ref platform.Ref) error {
	return &platform.ExistsError{Err: fmt.Errorf("no answer came to the create of %s %s, and the one that is there now is not known to be of it: somebody else may have created or changed it", k.name, ref)}
}

// noParent says, of a create, that what the object shall be in does not exist.
func (k kind[S, U]) noParent(name string) error {
	return &platform.ExplainedError{
		Cause: fmt.Sprintf("%s %s does not exist", k.parent, name), Err: fmt.Errorf("the server has no %s %s", k.parent, name),
		Remedy: "Create it first, or correct its name.",
	}
}

// replace replaces an object.
func (k kind[S, U]) replace(ctx context.Context, ref platform.Ref, want object[S, U]) (object[S, U], error) {
	defer k.writes(ref)()
	answer, err := k.client.rest.Do(ctx, k.request(http.MethodPut, k.path(ref), want))
	switch {
	case rest.Code(err) == http.StatusNotFound:
		return want, k.notFound(ctx, ref, err)
	case err != nil:
		return want, err
	}
	return k.decoded(ctx, ref, answer)
}

// remove deletes an object, and waits until it is gone.
func (k kind[S, U]) remove(ctx context.Context, ref platform.Ref) error {
	if begun, err := k.beginRemove(ctx, ref); err != nil || !begun {
		return err
	}
	_, err := k.gone(ctx, ref)
	return err
}

// beginRemove deletes an object, and tells whether the server has only begun with it
// (202). That there is none is no error, and neither is 304.
func (k kind[S, U]) beginRemove(ctx context.Context, ref platform.Ref) (begun bool, err error) {
	defer k.writes(ref)()
	answer, err := k.client.rest.Do(ctx, rest.Request{Method: http.MethodDelete, Path: k.path(ref)})
	switch {
	case rest.Code(err) == http.StatusNotFound:
		return false, absentIsGone(k.notFound(ctx, ref, err))
	case err != nil:
		return false, err
	}
	return answer.Code == http.StatusAccepted, nil
}

// gone waits until an object that is being deleted is gone, and returns it as last seen.
func (k kind[S, U]) gone(ctx context.Context, ref platform.Ref) (object[S, U], error) {
	last, err := k.follow(ctx, ref, func(object[S, U]) bool { return false })
	return last, absentIsGone(err)
}

func absentIsGone(err error) error {
	if absent := (*platform.NotFoundError)(nil); errors.As(err, &absent) {
		return nil
	}
	return err
}

// shortestPoll and longestPoll bound the pauses between two looks at an object.
const (
	shortestPoll = 200 * time.Millisecond
	longestPoll  = 5 * time.Second
)

// seen is what one look at an object gave.
type seen[S, U any] struct {
	object object[S, U]
	err    error
}

// Trouble implements watch.News.
func (s seen[S, U]) Trouble() error { return s.err }

// follow looks at an object until it is as it shall be, and returns it as last
// seen. A server that does not answer for a while is waited for; one that refuses
// ends the wait.
func (k kind[S, U]) follow(ctx context.Context, ref platform.Ref, over func(object[S, U]) bool) (object[S, U], error) {
	var last object[S, U]
	err := watch.Wait[seen[S, U]]{
		See: func(news seen[S, U]) bool {
			last = news.object
			return over(last)
		},
		Trouble: func(err error) error {
			_, away := errors.AsType[*rest.UnreachableError](err)
			if away || rest.Code(err) >= http.StatusInternalServerError {
				return nil
			}
			return err
		},
	}.Until(ctx, k.waits(ref.Namespace).Source(ref.Name))
	return last, err
}
