package vvp

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// defaultNamespace is always there.
	defaultNamespace = "default"
	// everybody is a member of a role: whoever has a token.
	everybody = "system:authenticated"
	// qualified is before the name of a namespace in a body.
	qualified = "namespaces/"
	// teardown is how long what is in a namespace takes to go.
	teardown = 50 * time.Millisecond
)

// namespaces serves the platform's API of namespaces. On 3.x a namespace is one of a
// workspace, which the body has to name.
func (s *Server) namespaces() {
	const at = "/namespaces/v1/namespaces"
	s.handle("GET "+at, func(*request) (int, any) {
		names := []string{}
		for name := range s.spaces {
			names = append(names, name)
		}
		slices.Sort(names)
		list := []any{}
		for _, name := range names {
			list = append(list, s.spaces[name].shown())
		}
		return http.StatusOK, object{"namespaces": list}
	})
	s.handle("POST "+at, func(r *request) (int, any) {
		name, refused := s.namespaceName(r.body)
		switch {
		case refused != nil:
			return refused.answer()
		case s.Community:
			return refuse(http.StatusForbidden, "Community Edition has no namespaces but '%s'.", defaultNamespace).answer()
		case s.from("3.0") && text(r.body, "workspace") == "":
			return refuse(http.StatusBadRequest, "workspace: a namespace belongs to a workspace").answer()
		case s.spaces[name] != nil:
			return refuse(http.StatusConflict, "Namespace '%s' already exists.", name).answer()
		}
		bindings, _ := r.body["roleBindings"].([]any)
		s.spaces[name] = newSpace(name, bindings)
		return http.StatusOK, object{"namespace": s.spaces[name].shown()}
	})
	s.handle("GET "+at+"/{ns}", func(r *request) (int, any) {
		return http.StatusOK, object{"namespace": r.space.shown()}
	})
	s.handle("PUT "+at+"/{ns}", func(r *request) (int, any) {
		name, refused := s.namespaceName(r.body)
		switch {
		case refused != nil:
			return refused.answer()
		case s.Community:
			return refuse(http.StatusForbidden, "Community Edition has no namespaces but '%s'.", defaultNamespace).answer()
		case name != r.space.name:
			return refuse(http.StatusBadRequest, "name: must be '%s%s', as in the path", qualified, r.space.name).answer()
		case r.body["lifecyclePhase"] != nil || r.body["createTime"] != nil:
			return refuse(http.StatusBadRequest, "lifecyclePhase and createTime: must not be set").answer()
		case r.space.terminating:
			return refuse(http.StatusConflict, "Namespace '%s' is being deleted.", name).answer()
		}
		r.space.bindings, _ = r.body["roleBindings"].([]any)
		return http.StatusOK, object{"namespace": r.space.shown()}
	})
	s.handle("DELETE "+at+"/{ns}", func(r *request) (int, any) {
		switch {
		case s.Community:
			return refuse(http.StatusForbidden, "Community Edition has no namespaces but '%s'.", defaultNamespace).answer()
		case r.space.name == defaultNamespace:
			return refuse(http.StatusBadRequest, "Namespace '%s' cannot be deleted.", defaultNamespace).answer()
		}
		if !r.space.terminating {
			r.space.terminating = true
			s.running.Go(func() { s.tearDown(s.live, r.space) })
		}
		return http.StatusOK, object{"namespace": r.space.shown()}
	})
}

// namespaceName is the short name that a body says.
func (s *Server) namespaceName(body object) (string, *refusal) {
	name, ok := strings.CutPrefix(text(body, "name"), qualified)
	if !ok || !strictNames.pattern.MatchString(name) || len(name) > strictNames.max {
		return "", refuse(http.StatusBadRequest, "name: '%s' must be %s and a name that matches %s", text(body, "name"), qualified, strictNames.pattern)
	}
	return name, nil
}

// shown is a namespace as the API shows it.
func (sp *space) shown() object {
	phase := "LIFECYCLE_PHASE_ACTIVE"
	if sp.terminating {
		phase = "LIFECYCLE_PHASE_TERMINATING"
	}
	bindings := sp.bindings
	if bindings == nil {
		bindings = []any{}
	}
	return object{"name": qualified + sp.name, "roleBindings": bindings, "createTime": sp.created, "lifecyclePhase": phase}
}

// tearDown ends all that is in a namespace, and then the namespace.
func (s *Server) tearDown(ctx context.Context, sp *space) {
	s.mu.Lock()
	runs := []*run{}
	for _, followed := range sp.runs {
		runs = append(runs, followed)
	}
	s.mu.Unlock()
	for _, followed := range runs {
		followed.stop()
		<-followed.done
		s.abandon(ctx, followed)
	}
	_ = pause(ctx, teardown)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.spaces, sp.name)
	for secret, t := range s.tokens {
		if t.space == sp.name {
			delete(s.tokens, secret)
		}
	}
}
