package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
)

// patient never gives up within a test, and hardly pauses.
var patient = timing{
	readOutage: time.Minute, writeOutage: time.Minute, remember: time.Minute, answer: time.Minute,
	busy: time.Minute, internal: time.Minute, unserved: time.Minute, firstContact: time.Minute,
	backoff:      wait.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 1 << 20},
	watchBackoff: wait.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 1 << 20},
}

// hasty gives up after a few attempts.
var hasty = func() timing {
	t := patient
	for _, bound := range []*time.Duration{&t.readOutage, &t.writeOutage, &t.answer, &t.busy, &t.internal, &t.unserved, &t.firstContact} {
		*bound = 100 * time.Millisecond
	}
	return t
}()

func clientOf(t *testing.T, host string, timing timing) *Client {
	t.Helper()
	client, err := newClient(&rest.Config{Host: host}, timing)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answering starts a server that gives these answers, and the last one ever after.
func answering(t *testing.T, answers ...string) (host string, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(requests.Add(1))
		body := answers[min(n, len(answers))-1]
		var code int
		if _, err := fmt.Sscanf(body, `{"code":%d`, &code); err != nil {
			code = http.StatusOK
		} else {
			body = `{"kind":"Status","apiVersion":"v1","status":"Failure",` + body[1:]
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(body, "retryAfterSeconds") {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

const (
	orders   = `{"apiVersion":"example.com/v1","kind":"Job","metadata":{"name":"orders","namespace":"ns","resourceVersion":"7","uid":"u"}}`
	busy     = `{"code":503,"reason":"ServiceUnavailable","message":"etcd has no leader"}`
	internal = `{"code":500,"reason":"InternalError","message":"etcdserver: request timed out"}`
	webhook  = `{"code":500,"reason":"InternalError","message":"failed calling webhook \"w\": connection refused"}`
	moved    = `{"code":409,"reason":"Conflict","message":"the object has been modified"}`
	throttle = `{"code":429,"reason":"TooManyRequests","message":"slow down","details":{"retryAfterSeconds":1}}`
	missing  = `{"code":404,"reason":"NotFound","message":"jobs \"orders\" not found","details":{"name":"orders","kind":"jobs"}}`
	unserved = `{"code":404,"reason":"NotFound","message":"404 page not found"}`
	denied   = `{"code":403,"reason":"Forbidden","message":"User \"u\" cannot get resource \"jobs\""}`
	invalid  = `{"code":422,"reason":"Invalid","message":"is invalid"}`
	stranger = `{"code":401,"reason":"Unauthorized","message":"Unauthorized"}`
)

func read(ctx context.Context, c *Client) error {
	_, err := c.Get(ctx, jobs, job.Key)
	return err
}

func apply(ctx context.Context, c *Client) error { return applyWith(ctx, c, ApplyOptions{}) }

func applyWith(ctx context.Context, c *Client, o ApplyOptions) error {
	obj := &unstructured.Unstructured{Object: map[string]any{}}
	obj.SetNamespace("ns")
	obj.SetName("orders")
	_, err := c.Apply(ctx, jobs, obj, o)
	return err
}

func TestPassingFailuresAreRepeated(t *testing.T) {
	for _, test := range []struct {
		name     string
		answers  []string
		do       func(context.Context, *Client) error
		requests int32
	}{
		{"read, server busy", []string{busy, busy, orders}, read, 3},
		{"read, internal error", []string{internal, orders}, read, 2},
		{"apply, server busy", []string{busy, busy, orders}, apply, 3},
		{"apply, webhook away", []string{webhook, webhook, orders}, apply, 3},
		{"apply, object changed meanwhile", []string{moved, orders}, apply, 2},
		{"apply, kind installed meanwhile", []string{unserved, unserved, orders}, apply, 3},
		{"create, kind installed meanwhile", []string{unserved, unserved, orders}, func(ctx context.Context, c *Client) error {
			obj := &unstructured.Unstructured{Object: map[string]any{}}
			obj.SetNamespace("ns")
			obj.SetName("orders")
			_, err := c.Create(ctx, jobs, obj)
			return err
		}, 3},
		{"delete, server busy, then gone", []string{busy, missing}, func(ctx context.Context, c *Client) error {
			return c.Delete(ctx, jobs, job.Key, "u")
		}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			host, requests := answering(t, test.answers...)
			if err := test.do(t.Context(), clientOf(t, host, patient)); err != nil {
				t.Error(err)
			}
			if requests.Load() != test.requests {
				t.Errorf("%d requests, want %d", requests.Load(), test.requests)
			}
		})
	}
}

func TestAProbeIsNotRepeated(t *testing.T) {
	for name, answer := range map[string]string{
		"busy": busy, "internal": internal, "webhook away": webhook, "object changed meanwhile": moved, "throttled": throttle, "not served": unserved,
	} {
		t.Run(name, func(t *testing.T) {
			host, requests := answering(t, answer, orders)
			if err := applyWith(t.Context(), clientOf(t, host, patient), ApplyOptions{DryRun: true, Probe: true}); err == nil {
				t.Error("no error")
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests, want one", requests.Load())
			}
		})
	}
}

func TestADryRunIsNoWrite(t *testing.T) {
	host, _ := answering(t, orders)
	client := clientOf(t, host, patient)
	if err := applyWith(t.Context(), client, ApplyOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, written := client.written.get(job); written {
		t.Error("the object is taken for written, and would be read singly from now on")
	}
	if err := apply(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if _, written := client.written.get(job); !written {
		t.Error("the object is not known as written")
	}
}

func TestLastingFailuresAreNotRepeated(t *testing.T) {
	for name, answer := range map[string]string{"missing": missing, "not served": unserved, "denied": denied, "invalid": invalid, "credentials": stranger} {
		t.Run(name, func(t *testing.T) {
			host, requests := answering(t, answer, orders)
			if err := read(t.Context(), clientOf(t, host, patient)); err == nil {
				t.Error("no error")
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestRetriesHaveABound(t *testing.T) {
	for name, answer := range map[string]string{"busy": busy, "internal": internal, "webhook": webhook, "moved": moved, "not served": unserved} {
		t.Run(name, func(t *testing.T) {
			host, requests := answering(t, answer)
			if err := apply(t.Context(), clientOf(t, host, hasty)); err == nil {
				t.Error("no error")
			}
			if requests.Load() < 2 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestTheServersPauseIsKept(t *testing.T) {
	host, requests := answering(t, throttle, orders)
	start := time.Now()
	if err := read(t.Context(), clientOf(t, host, patient)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < time.Second || requests.Load() != 2 {
		t.Errorf("%d requests in %s", requests.Load(), took)
	}
	// A pause that goes beyond the bound is not begun.
	host, requests = answering(t, throttle, orders)
	if err := read(t.Context(), clientOf(t, host, hasty)); err == nil || requests.Load() != 1 {
		t.Errorf("%d requests, %v", requests.Load(), err)
	}
}

// refusing is an address where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "https://" + listener.Addr().String()
}

func TestAnUnreachableServerIsNamed(t *testing.T) {
	host := refusing(t)
	client := clientOf(t, host, hasty)
	for _, do := range []func(context.Context, *Client) error{read, apply} {
		var unreachable *UnreachableError
		if err := do(t.Context(), client); !errors.As(err, &unreachable) || !strings.Contains(err.Error(), host) || !strings.Contains(err.Error(), "refused") {
			t.Errorf("got %T %v", err, err)
		}
	}
	if n := client.Requests()["get jobs"]; n < 2 {
		t.Errorf("%d attempts", n)
	}
}

func TestAnOutageIsFoundOutOnlyOnce(t *testing.T) {
	timing := hasty
	timing.writeOutage = 200 * time.Millisecond
	client := clientOf(t, refusing(t), timing)
	first := read(t.Context(), client)
	tried := client.Requests()["get jobs"]
	if second := read(t.Context(), client); second == nil || !errors.Is(second, first) || client.Requests()["get jobs"] != tried {
		t.Errorf("the second read tried again: %v", second)
	}
	// A write has more patience than what the read has proved.
	if err := apply(t.Context(), client); err == nil || client.Requests()["apply jobs"] < 2 {
		t.Errorf("the write tried %d times", client.Requests()["apply jobs"])
	}
}

func TestAnAnswerEndsTheOutage(t *testing.T) {
	host, _ := answering(t, orders)
	client := clientOf(t, host, patient)
	client.timing.writeOutage *= 2
	client.outage.found(errors.New("unreachable"), client.timing.readOutage)
	if err := read(t.Context(), client); err == nil {
		t.Error("the outage is not remembered")
	}
	if err := apply(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if err := read(t.Context(), client); err != nil {
		t.Errorf("after an answer the outage is still remembered: %v", err)
	}
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	err := read(t.Context(), clientOf(t, server.URL, hasty))
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "no answer in time") || !strings.Contains(err.Error(), server.URL) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestAWrongCertificateIsNotTriedAgain(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	client := clientOf(t, server.URL, patient)
	err := read(t.Context(), client)
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "certificate") || client.Requests()["get jobs"] != 1 {
		t.Errorf("%d attempts, %v", client.Requests()["get jobs"], err)
	}
}

func TestEverythingEndsWithTheContext(t *testing.T) {
	slow := patient
	slow.backoff.Duration = time.Minute / 2
	t.Run("in a pause", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan struct{}, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			asked <- struct{}{}
		}))
		defer server.Close()
		done := make(chan error)
		go func() { done <- read(ctx, clientOf(t, server.URL, slow)) }()
		<-asked
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "Job ns/orders") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in a request", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}))
		defer server.Close()
		if err := read(ctx, clientOf(t, server.URL, patient)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestAWriteOnItsWayIsAnswered ends the context while a write is on its way: what
// was done is known when the server answers soon, and nothing waits for one that
// does not.
func TestAWriteOnItsWayIsAnswered(t *testing.T) {
	brief := patient
	t.Run("soon", func(t *testing.T) {
		brief.lastAnswer = time.Minute
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			cancel()
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, orders)
		}))
		defer server.Close()
		if err := apply(ctx, clientOf(t, server.URL, brief)); err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("never", func(t *testing.T) {
		brief.lastAnswer = 10 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		}))
		defer server.Close()
		if err := apply(ctx, clientOf(t, server.URL, brief)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
