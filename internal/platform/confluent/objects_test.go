package confluent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// server answers by method and path, with the last of several answers ever after,
// and notes what it was asked. A path that it has nothing for is not found.
type server struct {
	*httptest.Server

	mu       sync.Mutex
	answers  map[string][]string
	requests []string
}

// breaks is an answer that breaks the connection.
const breaks = "breaks"

func newServer(t *testing.T, answers map[string][]string) (*server, *Client) {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	client, err := Connect(rest.Config{Endpoint: s.URL}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, client
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/cmf/api/v1/")
	for _, size := range []string{"&size=100", "&size=1"} {
		asked = strings.TrimSuffix(asked, size)
	}
	s.requests = append(s.requests, asked)
	answers := s.answers[asked]
	if len(answers) == 0 {
		http.Error(w, `{"errors":[{"message":"not there"}]}`, http.StatusNotFound)
		return
	}
	if len(answers) > 1 {
		s.answers[asked] = answers[1:]
	}
	if answers[0] == breaks {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			connection.Close()
		}
		return
	}
	code, body := http.StatusOK, answers[0]
	if _, err := fmt.Sscanf(body, "%d", &code); err == nil {
		body = strings.TrimSpace(body[3:])
	}
	w.WriteHeader(code)
	fmt.Fprint(w, body)
}

// sqlPool is the pool sql of the environment prod as the API has it.
const sqlPool = `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql","uid":"1"},"spec":{"type":"DEDICATED","clusterSpec":{"image":"a"}},"status":{"phase":"DEDICATED","message":null}}`

// wanted is the same pool as a resource has it.
func wanted() platform.ComputePool {
	return platform.ComputePool{
		Described: platform.Described{Ref: platform.Ref{Namespace: "prod", Name: "sql"}},
		Type:      platform.PoolDedicated, Cluster: flink.Tree{"image": "a"},
	}
}

const (
	onePool   = "GET environments/prod/compute-pools/sql"
	allPools  = "GET environments/prod/compute-pools?page=0"
	postPool  = "POST environments/prod/compute-pools"
	emptyPage = `{"pageable":{"page":0,"size":100},"items":[]}`
)

func TestCreate(t *testing.T) {
	other := strings.Replace(sqlPool, `"image":"a"`, `"image":"b"`, 1)
	for name, test := range map[string]struct {
		get, post []string
		posts     int
		want      any // the type of the error, nil for none
	}{
		"it is new":                      {[]string{"404"}, []string{sqlPool}, 1, nil},
		"it exists":                      {[]string{sqlPool}, nil, 0, &platform.ExistsError{}},
		"another one was quicker":        {[]string{"404"}, []string{"409"}, 1, &platform.ExistsError{}},
		"the answer is lost":             {[]string{"404", sqlPool}, []string{breaks}, 1, nil},
		"it never arrives":               {[]string{"404", "404", sqlPool}, []string{"502", sqlPool}, 2, nil},
		"it arrives late":                {[]string{"404", "404", sqlPool}, []string{breaks, "409"}, 2, nil},
		"lost, and another one is there": {[]string{"404", other}, []string{breaks}, 1, &platform.ExistsError{}},
		"it never works":                 {[]string{"404"}, []string{"500 boom"}, 4, &platform.ExplainedError{}},
		"it is refused":                  {[]string{"404"}, []string{"422 no"}, 1, &platform.ExplainedError{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, map[string][]string{onePool: test.get, postPool: test.post, allPools: {emptyPage}})
			got, err := client.ComputePools().Create(t.Context(), wanted())
			posts := 0
			for _, request := range server.requests {
				if request == postPool {
					posts++
				}
			}
			if fmt.Sprintf("%T", err) != fmt.Sprintf("%T", test.want) || posts != test.posts {
				t.Errorf("%d POSTs: %v", posts, err)
			}
			if err == nil && got.Phase != "DEDICATED" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Only a server that knows the collection, or at least environments, is believed
// that an object is not there.
func TestNotFound(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string][]string
		absent  bool
	}{
		"it is not in its environment":      {map[string][]string{allPools: {emptyPage}}, true},
		"its environment is not there":      {map[string][]string{"GET environments?page=0": {emptyPage}}, true},
		"the server is that of another API": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client := newServer(t, test.answers)
			_, err := client.ComputePools().Read(t.Context(), wanted().Ref)
			absent := (*platform.NotFoundError)(nil)
			if errors.As(err, &absent) != test.absent || err == nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An environment is not there when the server that does not find it serves
// environments; what else that server answers is the cause.
func TestEnvironmentNotFound(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string][]string
		says    string
	}{
		"the server has others":             {map[string][]string{"GET environments?page=0": {emptyPage}}, "Environment prod does not exist"},
		"the list is not for this user":     {map[string][]string{"GET environments?page=0": {`403 {"errors":[{"message":"no role"}]}`}}, "no role"},
		"the server is that of another API": {nil, "Its API is not found there at all"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client := newServer(t, test.answers)
			_, err := client.Environments().Read(t.Context(), platform.Environment{Name: "prod"})
			absent := (*platform.NotFoundError)(nil)
			if err == nil || !strings.Contains(err.Error(), test.says) || errors.As(err, &absent) != (name == "the server has others") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Many objects are read by one list of several pages, and singly only what was
// written since.
func TestReadsListsOnce(t *testing.T) {
	page := func(number int, names ...string) string {
		items := []string{}
		for _, name := range names {
			items = append(items, strings.Replace(sqlPool, `"sql"`, `"`+name+`"`, 1))
		}
		return fmt.Sprintf(`{"pageable":{"page":%d,"size":2},"items":[%s]}`, number, strings.Join(items, ","))
	}
	server, client := newServer(t, map[string][]string{
		allPools: {page(0, "a", "sql")}, "GET environments/prod/compute-pools?page=1": {page(1, "b")},
		"PUT environments/prod/compute-pools/sql": {sqlPool}, onePool: {sqlPool}, "GET system-information": {`{"status":{"version":"2.4.1"}}`},
	})
	pools := client.ComputePools()
	read := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if got, err := pools.Read(t.Context(), platform.Ref{Namespace: "prod", Name: name}); err != nil || got.Name != name {
				t.Errorf("got %+v, %v", got, err)
			}
		}
	}
	read("a", "b", "sql", "a")
	if _, err := pools.Update(t.Context(), wanted(), wanted()); err != nil {
		t.Fatal(err)
	}
	read("sql", "a")
	// What others have said of it is read before it is replaced.
	want := []string{allPools, "GET environments/prod/compute-pools?page=1", "GET system-information", onePool, "PUT environments/prod/compute-pools/sql", onePool}
	if diff := cmp.Diff(want, server.requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	const remove = "DELETE environments/prod/compute-pools/sql"
	users := `{"items":[{"metadata":{"name":"b"}},{"metadata":{"name":"a"}}]}`
	for name, test := range map[string]struct {
		answers map[string][]string
		want    string
	}{
		"it goes":                {map[string][]string{remove: {"204"}}, ""},
		"an old server":          {map[string][]string{remove: {"200"}}, ""},
		"it was deleted already": {map[string][]string{remove: {"304"}}, ""},
		"it is gone":             {map[string][]string{allPools: {emptyPage}}, ""},
		"it takes time":          {map[string][]string{remove: {"202"}, onePool: {sqlPool, breaks, "404"}, allPools: {emptyPage}}, ""},
		"it is in use": {map[string][]string{
			remove: {`409 {"errors":[{"message":"In use."}]}`},
			"GET environments/prod/statements?compute-pool=sql&page=0": {users}, "GET environments/prod/statements?compute-pool=sql&page=1": {`{"items":[]}`},
		}, "ComputePool prod/sql is used by the statement a, the statement b: In use"},
		"it is in use, by nobody knows what": {map[string][]string{remove: {`409 {"errors":[{"message":"In use."}]}`}}, "In use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client := newServer(t, test.answers)
			err := client.ComputePools().Delete(t.Context(), wanted())
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for version, test := range map[string]struct {
		needs string
		want  bool
	}{
		"2.3.0": {"2.3", true}, "2.2.9": {"2.3", false}, "2.10.0": {"2.3", true}, "2.3.0-rc1": {"2.3", true}, "2.4.0-rc1": {"2.3", true}, "": {"2.2", false}, "nightly": {"2.3", true},
	} {
		if got := atLeast(version, test.needs); got != test.want {
			t.Errorf("%s for %s: %t", version, test.needs, got)
		}
	}
}

func TestVariables(t *testing.T) {
	environment := map[string]string{
		VariableURL: "https://a", variableUsername: "u", variablePassword: "p", variableCertificate: "cert", variableKey: "key", variableAuthority: "ca",
	}
	lookup := func(name string) string { return environment[name] }
	read := func(name string) ([]byte, error) { return []byte("text of " + name), nil }
	got, err := fromVariables(rest.Config{}, lookup, read)
	want := rest.Config{
		Endpoint: "https://a", Basic: &rest.Basic{Username: "u", Password: "p"}, Certificate: "text of cert", Key: "text of key", CertificateAuthority: "text of ca",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	configured := rest.Config{Endpoint: "https://b", Token: "t", Certificate: "c", Key: "k", CertificateAuthority: "a"}
	if got, err = fromVariables(configured, lookup, read); err != nil || cmp.Diff(configured, got) != "" {
		t.Errorf("the configuration does not win: %+v, %v", got, err)
	}
	environment[variableOAuthTokenURL], environment[variableOAuthClientID], environment[variableOAuthClientSecret] = "i", "c", "s"
	if got, _ = fromVariables(rest.Config{}, lookup, read); cmp.Diff(got.OAuth, &rest.OAuth{TokenURL: "i", ClientID: "c", ClientSecret: "s"}) != "" || got.Basic != nil {
		t.Errorf("got %+v", got)
	}
	environment[variableToken] = "t"
	if got, _ = fromVariables(rest.Config{}, lookup, read); got.Token != "t" || got.OAuth != nil {
		t.Errorf("got %+v", got)
	}
	var refused *rest.ConfigError
	if _, err = fromVariables(rest.Config{}, func(string) string { return "" }, read); !errors.As(err, &refused) || refused.Attribute != "endpoint" {
		t.Errorf("got %v", err)
	}
	missing := func(string) ([]byte, error) { return nil, errors.New("no such file") }
	if _, err = fromVariables(rest.Config{}, lookup, missing); !errors.As(err, &refused) || !strings.HasPrefix(refused.Attribute, "CONFLUENT_") {
		t.Errorf("got %v", err)
	}
}

// What the API gives comes back as it was sent.
func TestPoolOf(t *testing.T) {
	var decoded object[poolSpec, poolStatus]
	if err := json.Unmarshal([]byte(sqlPool), &decoded); err != nil {
		t.Fatal(err)
	}
	want := wanted()
	want.Phase = "DEDICATED"
	if diff := cmp.Diff(want, poolOf(decoded.described("prod"), decoded.Spec, decoded.Status)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a server says of a value that it does not take may have the value in it, also
// of a secret that environments map, and cut in its midst.
func TestARefusedSecretIsNotShown(t *testing.T) {
	mapped := `{"metadata":{"name":"kafka"},"spec":{"data":{}},"status":{"environments":["prod"]}}`
	for name, test := range map[string]struct{ answer, told string }{
		"an echo":     {`422 {"errors":[{"message":"the value planted-value is not valid"}]}`, "the value **** is not valid"},
		"a conflict":  {`409 {"errors":[{"message":"planted-value"}]}`, "****"},
		"a long text": {"400 " + strings.Repeat("x", 492) + " planted-value", "xxx ****"},
		"two blanks":  {"400 it is two  blanks", "it is ****"},
		// One is a part of another: nothing of either is left, in whichever order a map
		// gives them.
		"parts": {`400 {"message":"cannot use password1, password, pass"}`, "cannot use ****, ****, ****"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				_, client := newServer(t, map[string][]string{"PUT secrets/kafka": {test.answer}, "GET secrets/kafka": {mapped}})
				want := platform.Secret{
					Described: platform.Described{Ref: platform.Ref{Name: "kafka"}},
					Data: map[string]string{
						"planted": "planted-value", "blanks": "two  blanks", "short": "pass", "long": "password", "longer": "password1", "none": "",
					},
				}
				_, err := client.Secrets().Update(t.Context(), want, want)
				explained, ok := errors.AsType[*platform.ExplainedError](err)
				if !ok || !strings.Contains(err.Error(), test.told) || strings.Contains(err.Error(), "plant") || strings.Contains(explained.Cause, "in use") {
					t.Fatalf("told: %v", err)
				}
			}
		})
	}
}
