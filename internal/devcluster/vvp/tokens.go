package vvp

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// token is one of a namespace.
type token struct{ name, space, role, created string }

// apiTokens serves the tokens of namespaces. Community Edition has none.
func (s *Server) apiTokens() {
	if s.Community {
		return
	}
	const at = "/apitokens/v1/namespaces/{ns}/apitokens"
	names := func(r *request) string { return qualified + r.space.name + "/apitokens/" }
	find := func(r *request) (secret string, found token) {
		for secret, t := range s.tokens {
			if t.space == r.space.name && t.name == r.PathValue("name") {
				return secret, t
			}
		}
		return "", token{}
	}
	shown := func(r *request, t token) object {
		return object{"name": names(r) + t.name, "role": t.role, "createTime": t.created}
	}
	s.handle("GET "+at, func(r *request) (int, any) {
		list := []any{}
		for _, t := range s.tokens {
			if t.space == r.space.name {
				list = append(list, shown(r, t))
			}
		}
		slices.SortFunc(list, func(a, b any) int {
			one, _ := a.(object)
			other, _ := b.(object)
			return strings.Compare(text(one, "name"), text(other, "name"))
		})
		return http.StatusOK, object{"apiTokens": list}
	})
	s.handle("POST "+at, func(r *request) (int, any) {
		name, ok := strings.CutPrefix(text(r.body, "name"), names(r))
		role := text(r.body, "role")
		switch {
		case !ok || name == "":
			return refuse(http.StatusBadRequest, "name: must be %s and a name", names(r)).answer()
		case !slices.Contains([]string{"viewer", "editor", "owner"}, role):
			return refuse(http.StatusBadRequest, "role: '%s' is none of viewer, editor, owner", role).answer()
		}
		r.SetPathValue("name", name)
		if secret, _ := find(r); secret != "" {
			return refuse(http.StatusConflict, "ApiToken '%s' already exists.", name).answer()
		}
		made, secret := token{name, r.space.name, role, now()}, uuid.NewString()
		s.tokens[secret] = made
		out := shown(r, made)
		out["secret"] = secret
		return http.StatusOK, object{"apiToken": out}
	})
	s.handle("GET "+at+"/{name}", func(r *request) (int, any) {
		secret, found := find(r)
		if secret == "" {
			return refuse(http.StatusNotFound, "ApiToken '%s' not found.", r.PathValue("name")).answer()
		}
		return http.StatusOK, object{"apiToken": shown(r, found)}
	})
	s.handle("DELETE "+at+"/{name}", func(r *request) (int, any) {
		secret, _ := find(r)
		if secret == "" {
			return refuse(http.StatusNotFound, "ApiToken '%s' not found.", r.PathValue("name")).answer()
		}
		delete(s.tokens, secret)
		return http.StatusOK, object{}
	})
}

// namespaced is what a path says of its namespace: which, and what of it, empty for the
// namespace itself.
var namespaced = regexp.MustCompile(`/namespaces/([^/]+)(?:/([^/]+))?`)

// authorize refuses a request that its token does not allow. The administrator manages
// the namespaces; on 2.x what is in one is a matter of its role bindings.
func (s *Server) authorize(r *http.Request) *refusal {
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || secret == "" {
		return refuse(http.StatusUnauthorized, "Full authentication is required to access this resource")
	}
	admin := s.Token != "" && secret == s.Token
	s.mu.Lock()
	defer s.mu.Unlock()
	holder, known := s.tokens[secret]
	if !known && !admin {
		return refuse(http.StatusUnauthorized, "Invalid API token")
	}
	path := strings.TrimPrefix(r.URL.Path, "/namespaces/v1")
	denied := refuse(http.StatusForbidden, "Access is denied: %s %s", r.Method, r.URL.Path)
	in := namespaced.FindStringSubmatch(path)
	switch {
	case in == nil:
		// Of the platform as a whole: everybody reads, and the list of namespaces is the
		// administrator's.
		if !admin && strings.HasPrefix(path, "/namespaces") {
			return denied
		}
		return nil
	case admin && (in[2] == "" || s.from("3.0")):
		return nil
	case admin && (s.spaces[in[1]] == nil || s.spaces[in[1]].bindsEverybody()):
		return nil
	case admin || holder.space != in[1]:
		return denied
	case holder.may(r.Method, in[2]):
		return nil
	}
	return denied
}

// bindsEverybody tells whether a namespace has a role for whoever has a token.
func (sp *space) bindsEverybody() bool {
	return slices.ContainsFunc(sp.bindings, func(binding any) bool {
		is, _ := binding.(object)
		members, _ := is["members"].([]any)
		return slices.Contains(members, any(everybody))
	})
}

// may tells what the role of a token allows in its namespace.
func (t token) may(method, of string) bool {
	reads := method == http.MethodGet
	switch of {
	case "":
		return t.role == "owner" && (reads || method == http.MethodPut)
	case "apitokens":
		return t.role == "owner"
	case "deployment-defaults", "deployment-targets":
		return reads || t.role == "owner"
	case "secret-values":
		return t.role != "viewer"
	}
	return reads || t.role != "viewer"
}
