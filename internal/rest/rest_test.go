package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// quick tries as often as usual, and hardly pauses.
var quick = func() timing {
	t := usual
	t.shortest, t.longest, t.answer, t.grace = time.Millisecond, 5*time.Millisecond, 5*time.Second, time.Second
	return t
}()

func clientOf(t *testing.T, config Config) *Client {
	t.Helper()
	client, err := connect(config, quick)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answer is what a server of these tests does about one request.
type answer struct {
	code       int
	body       string
	retryAfter string
	// breaks drops the connection: before the request is read, or after.
	breaks bool
}

// serving starts a server that gives these answers, and the last one ever after.
func serving(t *testing.T, answers ...answer) (endpoint string, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(requests.Add(1))
		a := answers[min(n, len(answers))-1]
		if a.breaks {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			connection.Close()
			return
		}
		if a.retryAfter != "" {
			w.Header().Set("Retry-After", a.retryAfter)
		}
		w.WriteHeader(a.code)
		fmt.Fprint(w, a.body)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func TestDo(t *testing.T) {
	ok, down, unavailable := answer{code: 200, body: `{"a":1}`}, answer{breaks: true}, answer{code: 503}
	for name, test := range map[string]struct {
		method   string
		answers  []answer
		requests int32
		code     int  // of the answer or the error
		unknown  bool // whether the outcome is
		message  string
	}{
		"an answer":                     {"GET", []answer{ok}, 1, 200, false, ""},
		"not modified":                  {"DELETE", []answer{{code: 304}}, 1, 304, false, ""},
		"a busy server":                 {"POST", []answer{{code: 429, retryAfter: "0"}, ok}, 2, 200, false, ""},
		"a server that asks for hours":  {"POST", []answer{{code: 429, retryAfter: "7200"}, ok}, 1, 429, false, "it does not say why"},
		"bursts of errors":              {"PUT", []answer{{code: 500}, {code: 502}, unavailable, {code: 504}, down, ok}, 6, 200, false, ""},
		"an error that stays":           {"GET", []answer{unavailable}, 7, 503, false, "it does not say why"},
		"a lost connection":             {"DELETE", []answer{down, ok}, 2, 200, false, ""},
		"no server":                     {"GET", []answer{down}, 7, 0, false, "cannot be reached: EOF"},
		"an unsafe request is lost":     {"POST", []answer{down, ok}, 1, 0, true, "cannot be reached: EOF"},
		"an unsafe request fails":       {"POST", []answer{{code: 500, body: "boom"}, ok}, 1, 500, true, "boom"},
		"an unsafe request is refused":  {"POST", []answer{{code: 409, body: `{"errors":[{"message":"It is there."},{"message":"Twice."}]}`}}, 1, 409, false, "It is there; Twice"},
		"a plain text":                  {"GET", []answer{{code: 404, body: "no  such\nthing"}}, 1, 404, false, "no such thing"},
		"another form":                  {"GET", []answer{{code: 403, body: `{"message":"Not yours"}`}}, 1, 403, false, "Not yours"},
		"a web page":                    {"GET", []answer{{code: 400, body: "<!DOCTYPE html><html><title>Sign in</title></html>"}}, 1, 400, false, "a proxy"},
		"nobody signs in by a redirect": {"GET", []answer{{code: 302, body: "go there"}}, 1, 302, false, "go there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, requests := serving(t, test.answers...)
			got, err := clientOf(t, Config{Endpoint: endpoint}).Do(t.Context(), Request{Method: test.method, Path: []string{"things", "a b"}, Body: "text"})
			code := Code(err)
			if err == nil {
				code = got.Code
			}
			_, unknown := errors.AsType[*UnknownOutcomeError](err)
			if requests.Load() != test.requests || code != test.code || unknown != test.unknown {
				t.Errorf("%d requests, code %d, unknown outcome %t: %v", requests.Load(), code, unknown, err)
			}
			if (err != nil) != (test.message != "") || err != nil && !strings.Contains(err.Error(), test.message) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A request that was never sent is safe to send again, whatever it is.
// A request without a body says so, also where it is tried again: one in chunks of
// which there is none is refused by some proxies, and others wait for them.
func TestDoSendsNoBody(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		var sent []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent = append(sent, fmt.Sprint(r.ContentLength, r.TransferEncoding, r.Header["Content-Type"]))
			if len(sent) == 1 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}))
		_, err := clientOf(t, Config{Endpoint: server.URL}).Do(t.Context(), Request{Method: method, Path: []string{"things", "detach"}})
		server.Close()
		if want := []string{"0 [] []", "0 [] []"}; err != nil || !slices.Equal(sent, want) {
			t.Errorf("%s sends %v: %v", method, sent, err)
		}
	}
}

// A POST that only reads is repeated like a GET, and an error keeps its number.
func TestDoRepeatsWhatReads(t *testing.T) {
	t.Parallel()
	endpoint, requests := serving(t, answer{breaks: true}, answer{code: 500}, answer{code: 404, body: `{"error_code":40403,"message":["not","a","text"]}`})
	_, err := clientOf(t, Config{Endpoint: endpoint}).Do(t.Context(), Request{Method: http.MethodPost, Path: []string{"search"}, Body: "text", Reads: true})
	refused, ok := errors.AsType[*StatusError](err)
	if !ok || requests.Load() != 3 || refused.Code != http.StatusNotFound || refused.Number != 40403 || !strings.Contains(refused.Message, "not") {
		t.Errorf("%d requests: %v", requests.Load(), err)
	}
}

// A PATCH is repeated only where the same one again changes nothing.
func TestDoRepeatsMergePatches(t *testing.T) {
	t.Parallel()
	for merges, want := range map[bool]int32{false: 1, true: 3} {
		endpoint, requests := serving(t, answer{breaks: true}, answer{code: 503}, answer{code: 200})
		_, err := clientOf(t, Config{Endpoint: endpoint}).Do(t.Context(), Request{Method: http.MethodPatch, Path: []string{"things"}, Body: "text", Merges: merges})
		if requests.Load() != want || (err == nil) != merges {
			t.Errorf("merges %t: %d requests, %v", merges, requests.Load(), err)
		}
	}
}

func TestDoWaitsForAServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	client := clientOf(t, Config{Endpoint: "http://" + address})
	client.timing.tries, client.timing.longest = 1000, 10*time.Millisecond
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })}
	defer server.Close()
	time.AfterFunc(50*time.Millisecond, func() {
		if again, err := net.Listen("tcp", address); err == nil {
			_ = server.Serve(again)
		}
	})
	if got, err := client.Do(t.Context(), Request{Method: http.MethodPost, Path: []string{"things"}}); err != nil || got.Code != http.StatusCreated {
		t.Errorf("got %v, %v", got, err)
	}
}

// When the server could not be reached a moment ago, nobody tries for long again.
func TestDoRemembersAnOutage(t *testing.T) {
	t.Parallel()
	endpoint, requests := serving(t, answer{breaks: true})
	client := clientOf(t, Config{Endpoint: endpoint})
	for range 3 {
		if _, err := client.Do(t.Context(), Request{Method: http.MethodGet}); err == nil {
			t.Fatal("an answer came")
		}
	}
	if got := int(requests.Load()); got != usual.tries+2 {
		t.Errorf("%d requests", got)
	}
}

// The end of the context ends a pause at once, and a read; a write on its way is
// answered.
func TestDoIsInterrupted(t *testing.T) {
	t.Parallel()
	for _, request := range []Request{{Method: http.MethodGet}, {Method: http.MethodPost, Reads: true}, {Method: http.MethodPost}} {
		reads := request.Reads || request.Method == http.MethodGet
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cancel()
			select {
			case <-r.Context().Done():
			case <-time.After(100 * time.Millisecond):
				w.WriteHeader(http.StatusCreated)
			}
		}))
		got, err := clientOf(t, Config{Endpoint: server.URL}).Do(ctx, request)
		if interrupted := errors.Is(err, context.Canceled); interrupted != reads || !interrupted && got.Code != http.StatusCreated {
			t.Errorf("%+v: %v, %v", request, got, err)
		}
		server.Close()
	}
	endpoint, requests := serving(t, answer{code: 503, retryAfter: "50"})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := clientOf(t, Config{Endpoint: endpoint}).Do(ctx, Request{Method: http.MethodGet})
	if !errors.Is(err, context.DeadlineExceeded) || requests.Load() != 1 || time.Since(began) > 10*time.Second {
		t.Errorf("%d requests in %s: %v", requests.Load(), time.Since(began), err)
	}
}

func TestDoSendsOnlySomeAtATime(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	full := make(chan struct{})
	fill := sync.OnceFunc(func() { close(full) })
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		if n == atOnce {
			fill()
		}
		<-full
	}))
	defer server.Close()
	client := clientOf(t, Config{Endpoint: server.URL})
	var all sync.WaitGroup
	for range 3*atOnce - 1 {
		all.Go(func() {
			if _, err := client.Do(t.Context(), Request{Method: http.MethodGet}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() > atOnce {
		t.Errorf("%d requests at a time", most.Load())
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	client := clientOf(t, Config{Endpoint: "http://127.0.0.1"})
	var reads atomic.Int32
	read := func(context.Context) (int32, error) {
		if n := reads.Add(1); n > 1 {
			return n, nil
		}
		return 0, errors.New("not yet")
	}
	if _, err := Once(t.Context(), client, "all", read); err == nil {
		t.Error("the failure is lost")
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, err := Once(t.Context(), client, "all", read); got != 2 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	all.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	all.Go(func() {
		_, _ = Once(ctx, client, "slow", func(ctx context.Context) (int32, error) {
			close(started)
			<-ctx.Done()
			return 0, ctx.Err()
		})
	})
	<-started
	all.Go(func() {
		if got, err := Once(t.Context(), client, "slow", read); got != 3 || err != nil {
			t.Errorf("after the first reader was interrupted: %d, %v", got, err)
		}
	})
	cancel()
	all.Wait()
}
