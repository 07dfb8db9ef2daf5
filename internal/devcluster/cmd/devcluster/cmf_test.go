package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSQLGateway has the gateway that a flag or the environment names judge a statement.
func TestSQLGateway(t *testing.T) {
	asked := make(chan string, 10)
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Error(w, "no sessions today", http.StatusServiceUnavailable)
	}))
	defer gateway.Close()
	for name, args := range map[string][]string{"by flag": {"--sql-gateway", gateway.URL}, "by environment": nil} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(gatewayVariable, gateway.URL)
			if args != nil {
				t.Setenv(gatewayVariable, "http://127.0.0.1:1")
			}
			input, end := io.Pipe()
			output, lines := io.Pipe()
			ended := make(chan error, 1)
			go func() { ended <- serveCMF(t.Context(), args, input, lines) }()
			var ready struct {
				Endpoint string `json:"endpoint"`
			}
			if err := json.NewDecoder(bufio.NewReader(output)).Decode(&ready); err != nil {
				t.Fatal(err)
			}
			post := func(path, body string) string {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ready.Endpoint+"/cmf/api/v1/environments"+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				content, err := io.ReadAll(answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				return string(content)
			}
			post("", `{"name":"production","kubernetesNamespace":"flink"}`)
			post("/production/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},"spec":{"type":"DEDICATED","clusterSpec":{"jobManager":{"resource":{"memory":"1g"}}}}}`)
			got := post("/production/statements", `{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"one"},"spec":{"statement":"SELECT 1","computePoolName":"sql"}}`)
			if !strings.Contains(got, "could not be compiled") || !strings.Contains(got, "no sessions today") {
				t.Errorf("the statement is answered with %s", got)
			}
			if got := len(asked); got != 1 {
				t.Fatalf("the gateway is asked %d times, want once", got)
			}
			if path := <-asked; path != "/v1/sessions" {
				t.Errorf("the gateway is asked for %s", path)
			}
			_ = end.Close()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	if err := serveCMF(t.Context(), []string{"--sql-gateway", "gateway:8083"}, strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), "no address of an SQL gateway") {
		t.Errorf("a wrong address gives %v", err)
	}
}
