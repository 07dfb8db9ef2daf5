package ververica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file has the namespaces of the platform, which are objects of another API than
// what is in them: their name has a prefix in a body, and they carry no annotations.

const namespaceKind = "Namespace"

// terminating is the phase of a namespace that is being deleted with all that is in it.
const terminating = "LIFECYCLE_PHASE_TERMINATING"

// namespace is one namespace, for those who may do something about it.
type namespace struct {
	client *Client
	by     *rest.Client
	name   string
}

// namespaceOf is the namespace of an environment. Only an administrator creates and
// deletes it; one that others have created is an owner's business.
func (c *Client) namespaceOf(want platform.Environment) namespace {
	by := c.in(want.Name)
	if want.CreateNamespace && c.config.Token != "" {
		by = c.admin()
	}
	return namespace{client: c, by: by, name: want.Name}
}

// namespaces is the path of the collection.
var namespaces = []string{"namespaces", "v1", "namespaces"}

func (n namespace) path() []string { return append(slices.Clone(namespaces), n.name) }

// get returns the namespace as the server has it now; *platform.NotFoundError where
// there is none.
func (n namespace) get(ctx context.Context) (object, error) {
	answer, err := n.by.Do(ctx, rest.Request{Method: http.MethodGet, Path: n.path()})
	if rest.Code(err) == http.StatusNotFound {
		return nil, n.client.absent(ctx, n.by, n.missing(), err)
	}
	if err != nil {
		return nil, err
	}
	var told struct {
		Namespace object `json:"namespace"`
	}
	err = answer.Decode(&told)
	return told.Namespace, err
}

func (n namespace) missing() *platform.NotFoundError {
	return &platform.NotFoundError{Kind: namespaceKind, Ref: platform.Ref{Name: n.name}}
}

// present is get of a namespace that is not on its way out; *platform.NotFoundError for
// one that is.
func (n namespace) present(ctx context.Context) (object, error) {
	found, err := n.get(ctx)
	if err == nil && text(found, "lifecyclePhase") == terminating {
		return nil, n.missing()
	}
	return found, err
}

// gone waits until there is no namespace of the name. Only one that is being deleted
// is waited for.
func (n namespace) gone(ctx context.Context) error {
	return until(ctx, func(ctx context.Context) (bool, error) {
		found, err := n.get(ctx)
		switch {
		case isAbsent(err):
			return true, nil
		case err != nil:
			return false, err
		case text(found, "lifecyclePhase") != terminating:
			return false, &platform.ExistsError{Err: fmt.Errorf(
				"the namespace %s exists already. With ververica = { create_namespace = false } the environment uses it, and leaves it when it is destroyed. That is also the way on after a create that was interrupted", n.name)}
		}
		return false, nil
	})
}

// create creates the namespace, with the members of its roles. One that is being
// deleted is waited for.
func (n namespace) create(ctx context.Context, roles map[string][]string) error {
	if err := n.gone(ctx); err != nil {
		return err
	}
	body := object{"name": n.qualified()}
	if len(roles) > 0 {
		body["roleBindings"] = bindingsOf(nil, nil, roles)
	}
	_, err := n.by.Do(ctx, rest.Request{Method: http.MethodPost, Path: namespaces, Body: body})
	if _, unknown := errors.AsType[*rest.UnknownOutcomeError](err); unknown {
		// There was none just now, and none has a mark of whose it is: one with the same
		// members is that which was sent.
		found, lookup := n.get(ctx)
		if lookup == nil && reflect.DeepEqual(membersOf(found), membersOf(body)) {
			return nil
		}
	}
	switch rest.Code(err) {
	case http.StatusConflict:
		return &platform.ExistsError{Err: fmt.Errorf("the namespace %s exists already: %w", n.name, err)}
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return &platform.ExplainedError{
			Cause: "the namespace cannot be created", Err: err,
			Remedy: "Only an administrator creates namespaces: with token in the provider block's ververica, or " + variableToken + ". " +
				"The Community Edition has the namespace default alone, which is the environment with name = \"default\" and ververica = { create_namespace = false }. " +
				"A namespace that others have created is used with create_namespace = false too.",
		}
	}
	return err
}

// qualified is the name as it stands in a body.
func (n namespace) qualified() string { return "namespaces/" + n.name }

// bind gives roles of the namespace their members. What was said before and is not any
// more goes; other roles stay as they are.
func (n namespace) bind(ctx context.Context, before, roles map[string][]string) error {
	if len(before)+len(roles) == 0 {
		return nil
	}
	found, err := n.present(ctx)
	if err != nil {
		return err
	}
	next := maps.Clone(found)
	next["roleBindings"] = bindingsOf(found, before, roles)
	if reflect.DeepEqual(membersOf(next), membersOf(found)) {
		return nil
	}
	// The server sets these itself and refuses them.
	delete(next, "lifecyclePhase")
	delete(next, "createTime")
	next["name"] = n.qualified()
	_, err = n.by.Do(ctx, rest.Request{Method: http.MethodPut, Path: n.path(), Body: next})
	return err
}

// delete deletes the namespace with all that is in it, and waits until it is gone.
func (n namespace) delete(ctx context.Context) error {
	_, err := n.by.Do(ctx, rest.Request{Method: http.MethodDelete, Path: n.path()})
	if err != nil && rest.Code(err) != http.StatusNotFound {
		return err
	}
	return until(ctx, func(ctx context.Context) (bool, error) {
		_, err := n.get(ctx)
		if isAbsent(err) {
			return true, nil
		}
		return false, err
	})
}

// membersOf returns the members of the roles of a namespace, sorted, without roles that
// have none.
func membersOf(of object) map[string][]string {
	out := map[string][]string{}
	list, _ := of["roleBindings"].([]any)
	for _, item := range list {
		binding, _ := item.(object)
		role := text(binding, "role")
		members, _ := binding["members"].([]any)
		for _, member := range members {
			if name, ok := member.(string); ok {
				out[role] = append(out[role], name)
			}
		}
	}
	for role := range out {
		slices.Sort(out[role])
		out[role] = slices.Compact(out[role])
	}
	return out
}

// bindingsOf returns the roleBindings of a namespace with other members of the given
// roles, and without those that were said before.
func bindingsOf(found object, before, roles map[string][]string) []any {
	members := membersOf(found)
	for role := range before {
		delete(members, role)
	}
	maps.Copy(members, roles)
	out := []any{}
	for _, role := range slices.Sorted(maps.Keys(members)) {
		names := []any{}
		for _, name := range slices.Sorted(slices.Values(members[role])) {
			names = append(names, name)
		}
		out = append(out, object{"role": role, "members": names})
	}
	return out
}
