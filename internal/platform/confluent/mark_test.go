package confluent

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// vault is a server of one secret, as it has it: nil for none.
type vault struct {
	mu     sync.Mutex
	stored *object[secretSpec, secretStatus]
	// onPost is called for each POST, with what is sent, and says what becomes of it:
	// a code, or 0 for an answer that is lost.
	onPost func(v *vault, number int, sent object[secretSpec, secretStatus]) int
	// requests are the writes, and marks those that were sent.
	requests, marks []string
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	code := http.StatusOK
	if r.Method != http.MethodGet {
		v.requests = append(v.requests, r.Method)
		var sent object[secretSpec, secretStatus]
		_ = json.NewDecoder(r.Body).Decode(&sent)
		v.marks = append(v.marks, sent.Metadata.Annotations[written.MarkAnnotation])
		code = v.onPost(v, len(v.requests), sent)
	}
	var answer any = v.stored
	switch {
	case code == 0:
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			connection.Close()
		}
		return
	case r.URL.Query().Has("page"):
		answer = map[string]any{}
	case v.stored == nil:
		code = http.StatusNotFound
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

// keeps stores what is sent, as the server shows it.
func (v *vault) keeps(sent object[secretSpec, secretStatus]) {
	shown := map[string]string{}
	for key := range sent.Spec.Data {
		shown[key] = "****"
	}
	sent.Spec.Data, sent.Status.Version = shown, "1"
	v.stored = &sent
}

// theirs is the secret of somebody else, with the same name and the same keys.
func theirs(annotations map[string]string) *object[secretSpec, secretStatus] {
	return &object[secretSpec, secretStatus]{
		APIVersion: apiVersion, Kind: "Secret", Metadata: metadata{Name: "kafka", Annotations: annotations},
		Spec: secretSpec{Data: map[string]string{"password": "****"}}, Status: secretStatus{Version: "1"},
	}
}

// After a create without an answer, the secret that is there is only taken for the one
// that was sent when it has the mark of that create. Another one is left alone.
func TestCreateOfASecret(t *testing.T) {
	type sent = object[secretSpec, secretStatus]
	for name, test := range map[string]struct {
		onPost   func(v *vault, number int, s sent) int
		requests int
		ours     bool
	}{
		"it is answered":     {func(v *vault, _ int, s sent) int { v.keeps(s); return http.StatusOK }, 1, true},
		"the answer is lost": {func(v *vault, _ int, s sent) int { v.keeps(s); return 0 }, 1, true},
		"it never arrives": {func(v *vault, number int, s sent) int {
			if number == 1 {
				return 0
			}
			v.keeps(s)
			return http.StatusOK
		}, 2, true},
		"it arrives late": {func(v *vault, number int, s sent) int {
			if number == 1 {
				return 0
			}
			// The first one was just carried out.
			v.keeps(s)
			return http.StatusConflict
		}, 2, true},
		"no data is shown":              {func(v *vault, _ int, s sent) int { v.keeps(s); v.stored.Spec.Data = nil; return 0 }, 1, true},
		"somebody else was quicker":     {func(v *vault, _ int, _ sent) int { v.stored = theirs(nil); return http.StatusConflict }, 1, false},
		"lost, and theirs is there":     {func(v *vault, _ int, _ sent) int { v.stored = theirs(nil); return 0 }, 1, false},
		"lost, and another create's is": {func(v *vault, _ int, _ sent) int { v.stored = theirs(written.Marked(nil)); return 0 }, 1, false},
		"refused at last, and theirs is there": {func(v *vault, number int, _ sent) int {
			if number == 1 {
				return 0
			}
			v.stored = theirs(nil)
			return http.StatusConflict
		}, 2, false},
		"somebody has changed it since": {func(v *vault, _ int, s sent) int {
			v.keeps(s)
			v.stored.Spec.Data["theirs"] = "****"
			return 0
		}, 1, false},
		"the server keeps no annotations": {func(v *vault, _ int, s sent) int { v.keeps(s); v.stored.Metadata.Annotations = nil; return 0 }, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vault{onPost: test.onPost}
			server := httptest.NewServer(v)
			t.Cleanup(server.Close)
			client, err := Connect(rest.Config{Endpoint: server.URL}, func(string) string { return "" }, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := platform.Secret{
				Described: platform.Described{Ref: platform.Ref{Name: "kafka"}, Annotations: map[string]string{"team": "streams"}},
				Data:      map[string]string{"password": "planted-value"},
			}
			got, err := client.Secrets().Create(t.Context(), want)
			if exists := (*platform.ExistsError)(nil); errors.As(err, &exists) == test.ours || test.ours != (err == nil) {
				t.Fatalf("returned %v", err)
			}
			if diff := cmp.Diff(slices.Repeat([]string{http.MethodPost}, test.requests), v.requests); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]string{"team": "streams"}, got.Annotations); diff != "" && test.ours {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
			if marks := slices.Compact(v.marks); len(marks) != 1 || len(marks[0]) < 20 || strings.Contains(fmt.Sprint(err), "planted") {
				t.Errorf("sent with the marks %q: %v", marks, err)
			}
			if _, leaks := want.Annotations[written.MarkAnnotation]; leaks {
				t.Error("the mark is in what was asked for")
			}
		})
	}
}

// A mark is that of one create alone.
func TestMarks(t *testing.T) {
	users := map[string]string{"a": "b"}
	one, other := written.Marked(users), written.Marked(users)
	if written.SameMark(one, other) || written.SameMark(users, one) || !written.SameMark(one, maps.Clone(one)) || one["a"] != "b" {
		t.Errorf("%v and %v", one, other)
	}
}
