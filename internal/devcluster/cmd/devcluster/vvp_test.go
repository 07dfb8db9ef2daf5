package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVVP runs the stand-in as tests of the provider do: it says where it is, and then what was asked against the vendor's
// description, here a small one.
func TestVVP(t *testing.T) {
	file := filepath.Join(t.TempDir(), "swagger.json")
	const description = `{"swagger":"2.0","info":{"title":"","version":""},"paths":{"/api/v1/status":{"get":{"responses":{"200":{"description":"","schema":{"type":"object","required":["other"]}}}}}}}`
	if err := os.WriteFile(file, []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	input, end := io.Pipe()
	output, lines := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- serveVVP(t.Context(), []string{"--version", "3.1.3", "--swagger", file}, input, lines)
	}()
	answers := json.NewDecoder(bufio.NewReader(output))
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	if err := answers.Decode(&ready); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/api/v1/status": `"status":"running"`, "/api/v1/status/system-info": `"buildVersion":"3.1.3"`} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ready.Endpoint+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		got, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(got.Body)
		got.Body.Close()
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s is answered with %s, %v", path, content, err)
		}
	}
	for _, want := range []string{"the answer 200 of GET /api/v1/status", ""} {
		if _, err := io.WriteString(end, "check\n"); err != nil {
			t.Fatal(err)
		}
		var said answer
		if err := answers.Decode(&said); err != nil || said.OK != (want == "") || !strings.Contains(said.Error, want) {
			t.Errorf("the check says %v, %v, want %q", said, err, want)
		}
	}
	_ = end.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestVVPRefuses has flags that do not go together.
func TestVVPRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"no version":      {"--version", "1.0.0"},
		"exclude":         {"--auth", "--community"},
		"goes with":       {"--token", "secret"},
		"read /nowhere":   {"--swagger", "/nowhere"},
		"flag provided":   {"--other"},
		"no such file or": {"--kubeconfig", "/nowhere"},
	} {
		if err := serveVVP(context.Background(), args, strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v gives %v, want %q", args, err, want)
		}
	}
}
