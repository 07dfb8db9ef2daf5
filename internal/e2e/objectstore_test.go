//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// objectStore is an S3 server with one bucket, that takes only what is signed with
// its key.
type objectStore struct {
	// URL is where the pods of the cluster reach it.
	URL, bucket, accessKey, secretKey string

	mutex sync.Mutex
	// wrote are the paths of the objects that were written.
	wrote []string
	// refused are the requests that were not signed with the key.
	refused []string
}

// facing is the address of this machine that faces the cluster, at which pods reach it.
func facing(t *testing.T) string {
	t.Helper()
	client, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "udp", client.Get().URL().Host)
	if err != nil {
		t.Fatal(err)
	}
	host, _, err := net.SplitHostPort(connection.LocalAddr().String())
	_ = connection.Close()
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// newObjectStore serves until the test ends, on the address of this machine that
// faces the cluster.
func newObjectStore(t *testing.T) *objectStore {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(facing(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	backend := s3mem.New()
	store := &objectStore{bucket: "flink", accessKey: "e2e-access-key", secretKey: "e2e/secret+key"}
	if err := backend.CreateBucket(store.bucket); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(store.checked(gofakes3.New(backend).Server()))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	store.URL = server.URL
	return store
}

// checked refuses requests that are not signed with the key, and notes the others.
func (s *objectStore) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem := s.problem(r)
		s.mutex.Lock()
		what := r.Method + " " + r.URL.Path
		if problem != "" {
			s.refused = append(s.refused, what+": "+problem)
		} else if r.Method == http.MethodPut {
			s.wrote = append(s.wrote, r.URL.Path)
		}
		s.mutex.Unlock()
		if problem != "" {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error>", problem)
			return
		}
		if err := unframed(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unframed takes the frames of a body away that is signed chunk by chunk
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html): gofakes3
// 1.2.0 keeps those of a part of a large object. The seed signature has been checked.
func unframed(r *http.Request) error {
	const header = "X-Amz-Content-Sha256"
	if r.Header.Get(header) != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
		return nil
	}
	var whole bytes.Buffer
	for body := bufio.NewReader(r.Body); ; {
		head, err := body.ReadString('\n')
		if err != nil {
			return err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(head), ";")
		length, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return err
		}
		if length == 0 {
			break
		}
		if _, err := io.CopyN(&whole, body, length); err != nil {
			return err
		}
		if _, err := body.Discard(len("\r\n")); err != nil {
			return err
		}
	}
	r.Header.Set(header, "UNSIGNED-PAYLOAD")
	r.ContentLength = int64(whole.Len())
	r.Header.Set("Content-Length", strconv.Itoa(whole.Len()))
	r.Body = io.NopCloser(&whole)
	return nil
}

// problem says what is wrong with the signature of a request, by
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. No
// library checks one: those that sign leave out headers that Hadoop's client signs.
func (s *objectStore) problem(r *http.Request) string {
	const algorithm = "AWS4-HMAC-SHA256"
	said, ok := strings.CutPrefix(r.Header.Get("Authorization"), algorithm+" ")
	if !ok {
		return "the request is not signed"
	}
	fields := map[string]string{}
	for field := range strings.SplitSeq(said, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	accessKey, scope, _ := strings.Cut(fields["Credential"], "/")
	if accessKey != s.accessKey {
		return fmt.Sprintf("%q is not the access key", accessKey)
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	slices.Sort(signed)
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.Join(strings.Fields(value), " "))
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	path := (&url.URL{Path: r.URL.Path}).EscapedPath()
	canonical := strings.Join([]string{r.Method, path, query, headers.String(), fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	key := []byte("AWS4" + s.secretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = keyed(key, part)
	}
	want := keyed(key, strings.Join([]string{algorithm, r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(digest[:])}, "\n"))
	if hex.EncodeToString(want) != fields["Signature"] {
		return "the signature is not that of the secret key"
	}
	return ""
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// told returns the paths of what was written, and what was refused, so far.
func (s *objectStore) told() (wrote, refused []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.wrote), slices.Clone(s.refused)
}
