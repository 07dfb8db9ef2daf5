package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

var products = []registrytest.Product{registrytest.Confluent, registrytest.Karapace, registrytest.Apicurio}

// different is what a caller sees of the differences between the registries. All the
// rest is the same.
type different struct {
	// says tells that Check has words, and against that it names the version.
	says    bool
	against int
	// ignores tells that a schema of which only doc or aliases are new is the old one.
	ignores bool
	// modes tells that a mode has consequences.
	modes bool
}

var differences = map[registrytest.Product]different{
	registrytest.Confluent: {says: true, against: 1, modes: true},
	registrytest.Karapace:  {says: true},
	registrytest.Apicurio:  {ignores: true},
}

// behaves holds a client of a registry to all that is the same for each of them.
func behaves(t *testing.T, url string, d different) {
	ctx := t.Context()
	client := connected(t, Config{URL: url})
	set := func(method, path, body string) int { return asked(t, method, url+path, body) }
	level := func(subject, level string) {
		if code := set(http.MethodPut, "/config"+subject, `{"compatibility":"`+level+`"}`); code != http.StatusOK {
			t.Fatalf("the level is refused with %d", code)
		}
	}
	register := func(subject, text string) Registered {
		t.Helper()
		made, err := client.Register(ctx, subject, text)
		if err != nil || made.ID == 0 {
			t.Fatalf("registered %+v: %v", made, err)
		}
		return made
	}
	check := func(subject, text string, want Verdict) {
		t.Helper()
		verdict, err := client.Check(ctx, subject, text)
		if (verdict.Words != nil) != (d.says && !want.Compatible) {
			t.Errorf("the words are %q", verdict.Words)
		}
		verdict.Words = nil
		if err != nil || !reflect.DeepEqual(verdict, want) {
			t.Errorf("the verdict is %+v, not %+v: %v", verdict, want, err)
		}
	}
	rules := func(subject, want string) {
		t.Helper()
		if got, err := client.Compatibility(ctx, subject); err != nil || got != want {
			t.Errorf("the level of %s is %q: %v", subject, got, err)
		}
	}
	level("", "BACKWARD")
	const orders = "orders-value"

	// What is not there.
	if _, err := client.Schema(ctx, orders, Latest); !reflect.DeepEqual(err, &NotFoundError{Subject: orders}) {
		t.Errorf("an absent subject is %v", err)
	}
	rules(orders, "BACKWARD")
	check(orders, base, Verdict{New: true, Compatible: true})

	// The first version, and the same again.
	made := register(orders, base)
	if made.Version != 1 || made.Already {
		t.Errorf("the first version is %+v", made)
	}
	for _, text := range []string{base, spaced} {
		if again := register(orders, text); !again.Already || again.Version != 1 || again.ID != made.ID || again.Ignored != nil {
			t.Errorf("the same again is %+v", again)
		}
	}
	rules(orders, "BACKWARD")
	check(orders, base, Verdict{Known: 1, Compatible: true})
	for _, version := range []string{Latest, "1"} {
		got, err := client.Schema(ctx, orders, version)
		if err != nil || got.Subject != orders || got.ID != made.ID || got.Version != 1 || got.Type != "AVRO" || got.References != nil || !sameJSON(got.Text, base) {
			t.Errorf("version %s is %+v: %v", version, got, err)
		}
	}
	if _, err := client.Schema(ctx, orders, "99"); !reflect.DeepEqual(err, &NotFoundError{Subject: orders, Version: "99"}) {
		t.Errorf("an absent version is %v", err)
	}

	// What is at odds.
	check(orders, record("", id, amount, xWithout), Verdict{Against: d.against})
	_, err := client.Register(ctx, orders, record("", id, amount, xWithout))
	refused, ok := errors.AsType[*IncompatibleError](err)
	if !ok || rest.Code(err) != http.StatusConflict || refused.Against != d.against || len(refused.Words) != 1 || !strings.Contains(refused.Words[0], "x") || len(refused.Words[0]) > 200 {
		t.Errorf("an incompatible schema is %v", err)
	}

	// What is none.
	for _, text := range []string{"", " \n", `{"type":"rec"}`, "nope"} {
		_, registering := client.Register(ctx, "none-value", text)
		_, checking := client.Check(ctx, orders, text)
		for _, err := range []error{registering, checking} {
			if _, ok := errors.AsType[*InvalidSchemaError](err); !ok {
				t.Errorf("no schema, %q, is %v", text, err)
			}
		}
	}

	if _, err := client.Schema(ctx, "none-value", Latest); !reflect.DeepEqual(err, &NotFoundError{Subject: "none-value"}) {
		t.Errorf("the subject of no schema is %v", err)
	}

	// Only what the data does not show changes.
	for i, test := range []struct{ text, changes string }{
		{documented, "doc"},
		{record("", `{"name":"id","type":"string","aliases":["key"]}`, amount), "aliases"},
	} {
		want, made := Verdict{Compatible: true}, Registered{Version: i + 2}
		if d.ignores {
			want, made = Verdict{Compatible: true, Known: 1, Ignored: []string{test.changes}}, Registered{Version: 1, Already: true, Ignored: []string{test.changes}}
		}
		check(orders, test.text, want)
		got := register(orders, test.text)
		if got.ID = 0; !reflect.DeepEqual(got, made) {
			t.Errorf("a schema with other %s is registered as %+v", test.changes, got)
		}
	}
	check(orders, base, Verdict{Known: 1, Compatible: true})

	// Another version, which is at odds with the first, and the first again.
	const texts = "texts-value"
	aNumber, aString := record("", `{"name":"a","type":"int"}`), record("", aText)
	register(texts, aNumber)
	level("/"+texts, "NONE")
	rules(texts, "NONE")
	check(texts, aString, Verdict{Compatible: true})
	if second := register(texts, aString); second.Version != 2 || second.Already {
		t.Errorf("the second version is %+v", second)
	}
	level("/"+texts, "BACKWARD")
	check(texts, aNumber, Verdict{Known: 1, Compatible: true})
	check(texts, transitive, Verdict{Compatible: true})
	level("/"+texts, "BACKWARD_TRANSITIVE")
	rules(texts, "BACKWARD_TRANSITIVE")
	check(texts, transitive, Verdict{Against: d.against})
	level("/"+texts, "BACKWARD")
	if third := register(texts, transitive); third.Version != 3 {
		t.Errorf("the third version is %+v", third)
	}

	// A subject that was deleted is new, and its versions go on.
	const gone = "gone-value"
	register(gone, base)
	set(http.MethodDelete, "/subjects/"+gone, "")
	check(gone, record("", id, amount, xWithout), Verdict{New: true, Compatible: true})
	if back := register(gone, base); back.Version != 2 || back.Already || back.ID != made.ID {
		t.Errorf("after it was deleted, it is %+v", back)
	}

	// Names that a path must not take apart.
	if made := register("a/b c%2F-value", base); made.Version != 1 {
		t.Errorf("the name with a slash is %+v", made)
	}

	// A subject that must stay as it is.
	set(http.MethodPut, "/mode/"+orders, `{"mode":"READONLY"}`)
	_, err = client.Register(ctx, orders, record("", id, amount, xWith))
	if _, stays := errors.AsType[*ModeError](err); stays != d.modes || !stays && err != nil {
		t.Errorf("in the mode READONLY, it is %v", err)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	for _, p := range products {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			behaves(t, registrytest.New(p).Start(t), differences[p])
		})
	}
}

func connected(t *testing.T, config Config) *Client {
	t.Helper()
	client, err := Connect(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// asked sends a request that the client has not, and returns the status.
func asked(t *testing.T, method, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func sameJSON(a, b string) bool {
	var one, other any
	return json.Unmarshal([]byte(a), &one) == nil && json.Unmarshal([]byte(b), &other) == nil && reflect.DeepEqual(one, other)
}
