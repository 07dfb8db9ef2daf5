package ververica

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
)

const (
	namespacePath = "/namespaces/v1/namespaces/prod"
	targetsPath   = "/api/v1/namespaces/prod/deployment-targets"
	active        = `{"namespace":{"name":"namespaces/prod","lifecyclePhase":"LIFECYCLE_PHASE_ACTIVE","createTime":"2026-01-01T00:00:00Z","roleBindings":[{"role":"owner","members":["user:b","user:a"]}]}}`
	leaving       = `{"namespace":{"name":"namespaces/prod","lifecyclePhase":"LIFECYCLE_PHASE_TERMINATING"}}`
)

// prod is an environment with a namespace of its own.
func prod() platform.Environment {
	return platform.Environment{Name: "prod", Namespace: "flink", DeploymentTarget: "prod", CreateNamespace: true, Settings: settingsWith("")}
}

// borrowed is an environment in a namespace of others.
func borrowed() platform.Environment {
	out := prod()
	out.CreateNamespace = false
	return out
}

// targetWith is a deployment target with labels and annotations.
func targetWith(labels, annotations string) string {
	return `{"kind":"DeploymentTarget","apiVersion":"v1","metadata":{"id":"id-1","name":"prod","namespace":"prod","createdAt":"2026-01-01T00:00:00Z","labels":` + labels + `,"annotations":` + annotations + `},"spec":{"kubernetes":{"namespace":"flink"}}}`
}

const ours = `{"flink-terraform.io/namespace":"created","flink-terraform.io/settings":"{\"environment\":\"prod\"}"}`

// without are answers with others in their place; nil for none.
func without(answers, others map[string][]said) map[string][]said {
	out := maps.Clone(answers)
	for request, all := range others {
		if all == nil {
			delete(out, request)
		} else {
			out[request] = all
		}
	}
	return out
}

func TestReadEnvironment(t *testing.T) {
	there := map[string][]said{
		"GET " + namespacePath:         once(200, active),
		"GET " + targetsPath + "/prod": once(200, targetWith(`{"team":"payments","theirs":"x"}`, ours)),
		"GET " + defaultsPath:          once(200, `{"spec":{"template":{"spec":{"flinkConfiguration":{"a":"1"}}}}}`),
	}
	for name, test := range map[string]struct {
		want    func(*platform.Environment)
		others  map[string][]said
		missing []string
		uid     string
		fails   string
	}{
		"all there": {want: func(e *platform.Environment) {
			e.Labels, e.RoleBindings, e.Settings = map[string]string{"team": "payments"}, map[string][]string{"owner": {"user:a", "user:b"}}, settingsWith(`"a":"1"`)
		}, missing: []string{}, uid: "id-1"},
		"changed": {want: func(e *platform.Environment) {
			e.Labels, e.RoleBindings, e.Settings = map[string]string{"team": "orders"}, map[string][]string{"owner": {"user:a"}, "viewer": {"user:c"}}, settingsWith(`"a":"2"`)
		}, missing: []string{
			"role owner of namespace prod", "role viewer of namespace prod", "label team=orders of deployment target prod",
			`deployment defaults: template.spec.flinkConfiguration["a"]`,
		}, uid: "id-1"},
		"no target in a namespace of its own": {
			want: func(e *platform.Environment) { e.NamespaceUID = "id-0" }, others: map[string][]said{"GET " + targetsPath + "/prod": nil},
			missing: []string{"deployment target prod"}, uid: "id-0",
		},
		"no target in a namespace of others": {
			want: func(e *platform.Environment) { e.CreateNamespace = false }, others: map[string][]said{"GET " + targetsPath + "/prod": nil},
			fails: "DeploymentTarget prod/prod does not exist",
		},
		"no namespace":                {others: map[string][]said{"GET " + namespacePath: nil}, fails: "Namespace prod does not exist"},
		"a namespace that is leaving": {others: map[string][]said{"GET " + namespacePath: once(200, leaving)}, fails: "Namespace prod does not exist"},
		"not allowed":                 {others: map[string][]said{"GET " + namespacePath: once(403, `{"message":"denied"}`)}, fails: "403"},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := following(t, without(there, test.others))
			want := prod()
			if test.want != nil {
				test.want(&want)
			}
			observed, err := client.Environments().Read(t.Context(), want)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.missing, observed.Missing); diff != "" || observed.NamespaceUID != test.uid {
				t.Errorf("the uid is %s; (-want +got):\n%s", observed.NamespaceUID, diff)
			}
		})
	}
}

// What is written, and what is refused before anything is.
func TestApplyEnvironment(t *testing.T) {
	const posted = `POST ` + targetsPath + ` {"apiVersion":"v1","kind":"DeploymentTarget","metadata":{"annotations":{MARK` + `"flink-terraform.io/settings":"{\"environment\":\"prod\"}"},"labels":{},"name":"prod","namespace":"prod"},"spec":{"kubernetes":{"namespace":"flink"}}}`
	created := map[string][]said{
		"POST /namespaces/v1/namespaces": once(200, active),
		"POST " + targetsPath:            once(201, targetWith(`{}`, ours)),
		"PUT " + namespacePath:           once(200, active),
		"PUT " + targetsPath + "/prod":   once(200, targetWith(`{}`, ours)),
	}
	there := without(created, map[string][]said{
		"GET " + namespacePath: once(200, active), "GET " + targetsPath + "/prod": once(200, targetWith(`{"old":"1","theirs":"x"}`, ours)),
	})
	own := prod()
	own.NamespaceUID, own.Labels = "id-1", map[string]string{"old": "1"}
	for name, test := range map[string]struct {
		want     func(*platform.Environment)
		previous *platform.Environment
		answers  map[string][]said
		writes   []string
		fails    string
		exists   bool
		partly   bool
	}{
		"a create": {answers: created, writes: []string{
			`POST /namespaces/v1/namespaces {"name":"namespaces/prod"}`,
			strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*","flink-terraform.io/namespace":"created",`, 1),
		}},
		"a create with roles": {answers: created, want: func(e *platform.Environment) {
			e.RoleBindings = map[string][]string{"viewer": {"user:c"}, "owner": {"user:b", "user:a"}}
		}, writes: []string{
			`POST /namespaces/v1/namespaces {"name":"namespaces/prod","roleBindings":[{"members":["user:a","user:b"],"role":"owner"},{"members":["user:c"],"role":"viewer"}]}`,
			strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*","flink-terraform.io/namespace":"created",`, 1),
		}},
		"a create in a namespace of others": {
			answers: without(there, map[string][]said{"GET " + targetsPath + "/prod": nil}),
			want: func(e *platform.Environment) {
				e.CreateNamespace, e.RoleBindings = false, map[string][]string{"viewer": {"user:c"}}
			}, writes: []string{
				`PUT ` + namespacePath + ` {"name":"namespaces/prod","roleBindings":[{"members":["user:a","user:b"],"role":"owner"},{"members":["user:c"],"role":"viewer"}]}`,
				strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*",`, 1),
			},
		},
		"a namespace that is there": {answers: there, fails: "namespace prod exists already", exists: true},
		"a target that is there":    {answers: there, want: func(e *platform.Environment) { e.CreateNamespace = false }, fails: "DeploymentTarget prod exists already", exists: true},
		"no namespace": {
			answers: map[string][]said{}, want: func(e *platform.Environment) { e.CreateNamespace = false },
			writes: []string{strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*",`, 1)}, fails: "404",
		},
		"no administrator": {
			answers: without(created, map[string][]said{"POST /namespaces/v1/namespaces": once(403, `{"message":"Community Edition has one"}`)}),
			writes:  []string{`POST /namespaces/v1/namespaces {"name":"namespaces/prod"}`}, fails: "Community Edition has one",
		},
		"an owner is missing": {answers: without(created, map[string][]said{"POST " + targetsPath: once(403, `{"message":"no owner"}`)}), writes: []string{
			`POST /namespaces/v1/namespaces {"name":"namespaces/prod"}`,
			strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*","flink-terraform.io/namespace":"created",`, 1),
			"DELETE " + namespacePath,
		}, fails: "no owner"},
		"an owner is missing, and the namespace stays": {
			answers: without(created, map[string][]said{"POST " + targetsPath: once(403, `{"message":"no owner"}`), "DELETE " + namespacePath: once(403, `{"message":"denied"}`)}), writes: []string{
				`POST /namespaces/v1/namespaces {"name":"namespaces/prod"}`,
				strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*","flink-terraform.io/namespace":"created",`, 1),
				"DELETE " + namespacePath,
			}, fails: "no owner", partly: true,
		},
		"3.x creates no namespace": {answers: without(created, map[string][]said{asksVersion: once(200, `{"status":{"revisionInformation":{"buildVersion":"3.1.3"}}}`)}), fails: "belongs to a workspace"},
		"a server that is too old": {answers: without(created, map[string][]said{asksVersion: once(200, `{"status":{"revisionInformation":{"buildVersion":"2.11.0"}}}`)}), fails: "needs Ververica Platform 2.13"},
		"nothing to change":        {previous: &own, answers: there, want: func(e *platform.Environment) { e.Labels = own.Labels }},
		"other labels and no settings": {
			previous: &own, answers: without(there, map[string][]said{"GET " + targetsPath + "/prod": once(200, targetWith(`{"old":"1","theirs":"x"}`, `{"flink-terraform.io/creation":"m","theirs":"y"}`))}),
			want:   func(e *platform.Environment) { e.Labels = map[string]string{"new": "2"} },
			writes: []string{`PUT ` + targetsPath + `/prod ` + targetSorted(`{"new":"2","theirs":"x"}`, ours[:len(ours)-1]+`,"theirs":"y"}`)},
		},
		"other roles": {previous: func() *platform.Environment {
			e := own
			e.RoleBindings = map[string][]string{"owner": {"user:a", "user:b"}}
			return &e
		}(), answers: there, want: func(e *platform.Environment) {
			e.Labels, e.RoleBindings = own.Labels, map[string][]string{"editor": {"group:g"}}
		}, writes: []string{`PUT ` + namespacePath + ` {"name":"namespaces/prod","roleBindings":[{"members":["group:g"],"role":"editor"}]}`}},
		"a target that was deleted": {
			previous: &own, answers: without(there, map[string][]said{"GET " + targetsPath + "/prod": nil}),
			writes: []string{strings.Replace(posted, "MARK", `"flink-terraform.io/creation":"*","flink-terraform.io/namespace":"created",`, 1)},
		},
		"another target": {previous: func() *platform.Environment {
			e := own
			e.NamespaceUID = "id-0"
			return &e
		}(), answers: there, fails: "has the uid id-1"},
		"a namespace that was deleted": {previous: &own, answers: without(there, map[string][]said{"GET " + namespacePath: nil}), fails: "Namespace prod does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := following(t, maps.Clone(test.answers))
			want := prod()
			if test.want != nil {
				test.want(&want)
			}
			observed, err := client.Environments().Apply(t.Context(), want, test.previous)
			if test.fails == "" && (err != nil || observed.NamespaceUID != "id-1" || *observed.Settings != want.Settings) {
				t.Errorf("observed %+v, %v", observed, err)
			}
			if test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails) || (observed != nil) != test.partly) {
				t.Errorf("observed %+v, %v", observed, err)
			}
			if _, exists := errors.AsType[*platform.ExistsError](err); exists != test.exists {
				t.Errorf("the error is %#v", err)
			}
			if diff := cmp.Diff(test.writes, unmarkedWrites(t, server)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// targetSorted is targetWith as it is encoded.
func targetSorted(labels, annotations string) string {
	return `{"apiVersion":"v1","kind":"DeploymentTarget","metadata":{"annotations":` + annotations + `,"createdAt":"2026-01-01T00:00:00Z","id":"id-1","labels":` + labels + `,"name":"prod","namespace":"prod"},"spec":{"kubernetes":{"namespace":"flink"}}}`
}

// unmarkedWrites are the writes of a server with a star for the mark of a create.
func unmarkedWrites(t *testing.T, server *script) []string {
	t.Helper()
	out := server.writes()
	for i, request := range out {
		_, body, has := strings.Cut(request, " {")
		if !has {
			continue
		}
		if mark := texts(decoded(t, "{"+body), "metadata", "annotations")[written.MarkAnnotation]; mark != "" {
			out[i] = strings.Replace(request, `"`+mark+`"`, `"*"`, 1)
		}
	}
	return out
}

// A create whose answer is lost knows its own by its mark.
func TestCreateWithoutAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		// arrives tells whether the create is carried out, and theirs whether somebody else
		// was faster.
		arrives, theirs bool
		posts           int
		exists          bool
	}{
		"it was carried out":      {arrives: true, posts: 1},
		"it was not":              {posts: 2},
		"somebody else is faster": {theirs: true, posts: 1, exists: true},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string][]said{}
			single := "GET " + targetsPath + "/prod"
			answers[single] = nil
			keep := func(body string) { answers[single] = once(200, body) }
			lost := said{lost: true, then: func(body string) {
				switch {
				case test.theirs:
					keep(targetWith(`{}`, `{"flink-terraform.io/creation":"another"}`))
				case test.arrives:
					keep(strings.Replace(body, `"metadata":{`, `"metadata":{"id":"id-1",`, 1))
				}
			}}
			answers["POST "+targetsPath] = []said{lost, {code: 201, body: targetWith(`{}`, ours)}}
			client, server := following(t, answers)
			observed, err := client.Environments().Apply(t.Context(), borrowed(), nil)
			exists, _ := errors.AsType[*platform.ExistsError](err)
			if (exists != nil) != test.exists || !test.exists && (err != nil || observed.NamespaceUID != "id-1") {
				t.Errorf("observed %+v, %v", observed, err)
			}
			if got := server.count("POST " + targetsPath); got != test.posts {
				t.Errorf("%d creates", got)
			}
		})
	}
}

// A namespace that is just being deleted is waited for, and one whose create had no
// answer is this environment's.
func TestCreateNamespace(t *testing.T) {
	answers := map[string][]said{"POST " + targetsPath: once(201, targetWith(`{}`, ours))}
	answers["GET "+namespacePath] = []said{{code: 200, body: leaving}, {code: 503}, {code: 404}}
	answers["POST /namespaces/v1/namespaces"] = []said{{lost: true, then: func(string) {
		answers["GET "+namespacePath] = once(200, strings.Replace(active, `[{"role":"owner","members":["user:b","user:a"]}]`, `[]`, 1))
	}}}
	client, server := following(t, answers)
	if _, err := client.Environments().Apply(t.Context(), prod(), nil); err != nil {
		t.Fatal(err)
	}
	if got := server.count("POST /namespaces/v1/namespaces"); got != 1 {
		t.Errorf("%d creates", got)
	}
}

func TestDeleteEnvironment(t *testing.T) {
	const deleteTarget, deleteNamespace = "DELETE " + targetsPath + "/prod", "DELETE " + namespacePath
	gone := func(t *testing.T) map[string][]said {
		t.Helper()
		return map[string][]said{
			"GET " + targetsPath + "/prod":                once(200, targetWith(`{}`, ours)),
			"GET /api/v1/namespaces/prod/deployments":     once(200, `{"items":[]}`),
			"GET /api/v1/namespaces/prod/sessionclusters": once(200, `{"items":[]}`),
			"GET " + defaultsPath:                         once(200, `{"spec":{"template":{"spec":{"flinkConfiguration":{"a":"1","b":"theirs"}}}}}`),
			"PATCH " + defaultsPath:                       once(200, `{}`),
			deleteTarget:                                  once(200, `{}`),
			deleteNamespace:                               once(200, leaving),
			"GET " + namespacePath:                        {{code: 200, body: leaving}, {code: 404}},
		}
	}
	const patched = "PATCH " + defaultsPath + ` {"apiVersion":"v1","kind":"DeploymentDefaults","spec":{"template":{"spec":{"flinkConfiguration":{"a":null}}}}}`
	for name, test := range map[string]struct {
		want   func(*platform.Environment)
		others map[string][]said
		writes []string
		fails  string
	}{
		"all of it":              {writes: []string{patched, deleteTarget, deleteNamespace}},
		"a namespace of others":  {want: func(e *platform.Environment) { e.CreateNamespace = false }, writes: []string{patched, deleteTarget}},
		"no target":              {others: map[string][]said{"GET " + targetsPath + "/prod": nil}, writes: []string{deleteNamespace}},
		"no namespace":           {others: map[string][]said{"GET " + targetsPath + "/prod": nil, deleteNamespace: nil, "GET " + namespacePath: nil}, writes: []string{deleteNamespace}},
		"no target with others":  {want: func(e *platform.Environment) { e.CreateNamespace = false }, others: map[string][]said{"GET " + targetsPath + "/prod": nil}, fails: "does not exist"},
		"another target":         {want: func(e *platform.Environment) { e.NamespaceUID = "id-0" }, fails: "does not exist"},
		"deployments":            {others: map[string][]said{"GET /api/v1/namespaces/prod/deployments": once(200, `{"items":[{"metadata":{"name":"b"}},{"metadata":{"name":"a"}}]}`)}, fails: "namespace prod still holds Deployment a, Deployment b"},
		"a session cluster":      {others: map[string][]said{"GET /api/v1/namespaces/prod/sessionclusters": once(200, `{"items":[{"metadata":{"name":"s"}}]}`)}, fails: "SessionCluster s"},
		"a target that is freed": {others: map[string][]said{deleteTarget: {{code: 409}, {code: 409}, {code: 200}}}, writes: []string{patched, deleteTarget, deleteTarget, deleteTarget, deleteNamespace}},
		"a new deployment": {others: map[string][]said{
			deleteTarget: once(409, `{"message":"still referenced"}`), "GET /api/v1/namespaces/prod/deployments": {{code: 200, body: `{"items":[]}`}, {code: 200, body: `{"items":[{"metadata":{"name":"new"}}]}`}},
		}, writes: []string{patched, deleteTarget}, fails: "still holds Deployment new"},
		"not allowed": {others: map[string][]said{deleteNamespace: once(403, `{"message":"denied"}`)}, writes: []string{patched, deleteTarget, deleteNamespace}, fails: "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := following(t, without(gone(t), test.others))
			want := prod()
			want.Settings, want.NamespaceUID = settingsWith(`"a":"1"`), "id-1"
			if test.want != nil {
				test.want(&want)
			}
			err := client.Environments().Delete(t.Context(), want)
			if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("the error is %v", err)
			}
			if diff := cmp.Diff(test.writes, server.writes()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a target that stays", func(t *testing.T) {
		client, _ := following(t, without(gone(t), map[string][]said{deleteTarget: once(409, `{"message":"still referenced by somebody"}`)}))
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		err := client.Environments().Delete(ctx, prod())
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "still referenced by somebody") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestFindEnvironment(t *testing.T) {
	second := strings.NewReplacer(`"name":"prod"`, `"name":"second"`, `"namespace":"flink"`, `"namespace":"other"`).Replace(targetWith(`{}`, `{}`))
	for name, test := range map[string]struct {
		namespace string
		targets   []said
		want      *platform.FoundEnvironment
		fails     string
	}{
		"its own": {targets: once(200, `{"items":[`+targetWith(`{"team":"payments"}`, ours)+`,`+second+`]}`), want: &platform.FoundEnvironment{
			Name: "prod", Namespace: "flink", Settings: `{"environment":"prod"}`, Access: &platform.Access{Labels: map[string]string{"team": "payments"}}, DeploymentTarget: "prod", CreateNamespace: true,
		}},
		"without settings": {targets: once(200, `{"items":[`+second+`]}`), namespace: "other", want: &platform.FoundEnvironment{
			Name: "prod", Namespace: "other", Settings: `{"environment":"prod"}`, Access: &platform.Access{Labels: map[string]string{}}, DeploymentTarget: "second", Unrecorded: true,
		}},
		"no namespace":               {fails: "it has no namespace of this name"},
		"no target":                  {targets: once(200, `{"items":[]}`), fails: "has no deployment target"},
		"several":                    {targets: once(200, `{"items":[`+targetWith(`{}`, `{}`)+`,`+second+`]}`), fails: "several deployment targets, prod and second"},
		"in another namespace":       {targets: once(200, `{"items":[`+second+`]}`), namespace: "flink", fails: "is in the Kubernetes namespace other"},
		"in the server's own":        {targets: once(200, `{"items":[{"metadata":{"name":"a"},"spec":{"kubernetes":{}}}]}`), fails: "names no Kubernetes namespace"},
		"a token of another of them": {targets: once(403, `{"message":"denied"}`), fails: "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := following(t, map[string][]said{"GET " + targetsPath: test.targets})
			found, err := client.Environments().Find(t.Context(), "prod", test.namespace)
			if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("the error is %v", err)
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
