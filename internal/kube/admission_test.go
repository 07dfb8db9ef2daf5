package kube

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestValidatingWebhook(t *testing.T) {
	rule := func(groups, resources, operations string) string {
		return `{"items":[{"webhooks":[{"name":"all","rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]},` +
			`{"name":"jobs","rules":[{"apiGroups":["` + groups + `"],"apiVersions":["*"],"operations":["` + operations + `"],"resources":["other","` + resources + `"]}]}]}]}`
	}
	for _, test := range []struct{ name, answer, want string }{
		{"one for the kind", rule("*", "jobs", "CREATE"), "jobs"},
		{"one for the kind of the group", rule("example.com", "jobs", "UPDATE"), "jobs"},
		{"one for another group", rule("example.org", "jobs", "CREATE"), ""},
		{"one for another kind", rule("*", "tasks", "CREATE"), ""},
		{"one for everything", rule("*", "*", "CREATE"), ""},
		{"one for deletions", rule("*", "jobs", "DELETE"), ""},
		{"none", `{"items":[]}`, ""},
		{"not allowed", denied, ""},
		{"busy", busy, ""},
		{"no list", `<html>`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			host, requests := answering(t, test.answer)
			client := clientOf(t, host, patient)
			var asking sync.WaitGroup
			for range 5 {
				asking.Go(func() {
					if got := client.ValidatingWebhook(t.Context(), jobs); got != test.want {
						t.Errorf("the webhook is %q, want %q", got, test.want)
					}
				})
			}
			asking.Wait()
			if requests.Load() != 1 {
				t.Errorf("%d requests, want one", requests.Load())
			}
		})
	}
}

func TestAClusterThatDoesNotAnswerHasNoWebhook(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, host := range map[string]string{"silent": silent.URL, "gone": gone} {
		t.Run(name, func(t *testing.T) {
			timing := patient
			timing.firstContact = 200 * time.Millisecond
			client := clientOf(t, host, timing)
			began := time.Now()
			for range 3 {
				if got := client.ValidatingWebhook(t.Context(), jobs); got != "" {
					t.Errorf("the webhook is %q", got)
				}
			}
			if took := time.Since(began); took > 10*timing.firstContact {
				t.Errorf("it took %s", took)
			}
		})
	}
}
