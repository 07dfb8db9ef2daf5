package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	jobs = Kind{GroupVersionResource: schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "jobs"}, Kind: "Job"}
	job  = Ref{jobs, Key{"ns", "orders"}}
)

// The answers are what a kube-apiserver 1.36 sends, shortened.
func TestClassifyStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		status string
		want   error
		text   string
	}{
		{
			"object missing", `{"code":404,"reason":"NotFound","message":"jobs.example.com \"orders\" not found","details":{"name":"orders","group":"example.com","kind":"jobs"}}`,
			&NotFoundError{Ref: job}, "Job ns/orders does not exist.",
		},
		{
			"kind not served", `{"code":404,"reason":"NotFound","message":"the server could not find the requested resource","details":{"causes":[{"reason":"UnexpectedServerResponse","message":"404 page not found"}]}}`,
			&NotServedError{Kind: jobs, Endpoint: "https://api"}, "definition jobs.example.com is not installed",
		},
		{
			"namespace missing", `{"code":404,"reason":"NotFound","message":"namespaces \"ns\" not found","details":{"name":"ns","kind":"namespaces"}}`,
			&NamespaceNotFoundError{Ref: job}, "The namespace ns of Job ns/orders does not exist.",
		},
		{
			"conflicting managers", `{"code":409,"reason":"Conflict","message":"Apply failed with 2 conflicts","details":{"causes":[
				{"reason":"FieldManagerConflict","message":"conflict with \"kubectl-edit\" using example.com/v1","field":".spec.parallelism"},
				{"reason":"FieldManagerConflict","message":"conflict with \"okhttp\" with subresource \"status\" using example.com/v1 at 2026-01-01T00:00:00Z","field":".status.x"}]}}`,
			&ConflictError{Ref: job, Fields: []FieldConflict{{".spec.parallelism", "kubectl-edit"}, {".status.x", "okhttp"}}},
			`own fields of Job ns/orders with other values: .spec.parallelism by "kubectl-edit", .status.x by "okhttp".`,
		},
		{
			"version moved on", `{"code":409,"reason":"Conflict","message":"the object has been modified"}`,
			&ServerError{Ref: job, Verb: "apply", Code: 409, Reason: "Conflict", Message: "the object has been modified"}, "409 Conflict",
		},
		{
			"another uid on delete", `{"code":409,"reason":"Conflict","message":"the UID in the precondition (a) does not match the UID in record (b)."}`,
			&NotFoundError{Ref: job}, "does not exist",
		},
		{
			"another uid on apply", `{"code":422,"reason":"Invalid","message":"Job \"orders\" is invalid","details":{"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"a\": field is immutable","field":"metadata.uid"}]}}`,
			&NotFoundError{Ref: job}, "does not exist",
		},
		{
			"values the schema refuses, one of them twice", `{"code":422,"reason":"Invalid","message":"Job \"orders\" is invalid: …","details":{"causes":[
				{"reason":"FieldValueNotSupported","message":"Unsupported value: \"nativ\": supported values: \"native\", \"standalone\"","field":"spec.mode"},
				{"reason":"FieldValueInvalid","message":"Invalid value: -1: must be at least 0","field":"spec.size"},
				{"reason":"FieldValueInvalid","message":"Invalid value: -1: must be at least 0","field":"spec.size"},
				{"reason":"FieldValueInvalid","message":"some validation rules were not checked","field":"<nil>"}]}}`,
			&InvalidError{Ref: job, Causes: []Cause{
				{"spec.mode", "FieldValueNotSupported", `Unsupported value: "nativ": supported values: "native", "standalone"`},
				{"spec.size", "FieldValueInvalid", "Invalid value: -1: must be at least 0"},
				{"", "FieldValueInvalid", "some validation rules were not checked"},
			}},
			`rejects Job ns/orders: spec.mode: Unsupported value: "nativ"`,
		},
		{
			"strict decoding", `{"code":400,"reason":"BadRequest","message":"Job in version \"v1\" cannot be handled as a Job: strict decoding error: unknown field \"spec.jobb\", duplicate field \"spec.image\""}`,
			&InvalidError{Ref: job, Causes: []Cause{{"spec.jobb", CauseUnknownField, "unknown field"}, {"spec.image", "FieldValueDuplicate", "duplicate field"}}},
			"spec.jobb: unknown field; spec.image: duplicate field.",
		},
		{
			"strict decoding of a patch, which repeats the object", `{"code":422,"reason":"Invalid","message":"Job.example.com \"\" is invalid: patch: Invalid value: \"{…planted-secret…}\": strict decoding error: unknown field \"spec.foo\"",
				"details":{"causes":[{"reason":"FieldValueInvalid","field":"patch","message":"Invalid value: \"{…planted-secret…}\": strict decoding error: unknown field \"spec.foo\""}]}}`,
			&InvalidError{Ref: job, Causes: []Cause{{"spec.foo", CauseUnknownField, "unknown field"}}}, "spec.foo: unknown field.",
		},
		{
			"structure of an applied object", `{"code":500,"reason":"InternalError","message":"failed to create typed patch object (ns/orders; example.com/v1, Kind=Job): errors:\n  .spec.jobb: field not declared in schema\n  .spec.containers[name=\"a:b c\"].image: expected string, got &value.valueUnstructured{Value:1}"}`,
			&InvalidError{Ref: job, Causes: []Cause{
				{"spec.jobb", CauseUnknownField, "field not declared in schema"},
				{`spec.containers[name="a:b c"].image`, "FieldValueInvalid", "expected string, got 1"},
			}},
			"spec.jobb: field not declared in schema;",
		},
		{
			"access rules", `{"code":403,"reason":"Forbidden","message":"jobs.example.com \"orders\" is forbidden: User \"system:serviceaccount:ci:deploy\" cannot patch resource \"jobs\" in API group \"example.com\" in the namespace \"ns\"","details":{"name":"orders","kind":"jobs"}}`,
			&DeniedError{
				Ref: job, Verb: "patch", Resource: "jobs.example.com", User: "system:serviceaccount:ci:deploy",
				Message: `jobs.example.com "orders" is forbidden: User "system:serviceaccount:ci:deploy" cannot patch resource "jobs" in API group "example.com" in the namespace "ns"`,
			},
			"It is not allowed to patch Job ns/orders: ",
		},
		{
			"quota", `{"code":403,"reason":"Forbidden","message":"jobs.example.com \"orders\" is forbidden: exceeded quota: q"}`,
			&DeniedError{Ref: job, Verb: "apply", Admission: "built into the API server", Message: `jobs.example.com "orders" is forbidden: exceeded quota: q`}, "exceeded quota: q.",
		},
		{
			"webhook refuses", `{"code":400,"reason":"BadRequest","message":"admission webhook \"validation.flink.apache.org\" denied the request: parallelism must be positive"}`,
			&DeniedError{Ref: job, Verb: "apply", Admission: "validation.flink.apache.org", Message: "parallelism must be positive"},
			"Admission control (validation.flink.apache.org) refuses Job ns/orders: parallelism must be positive.",
		},
		{
			"webhook refuses in silence", `{"code":403,"message":"admission webhook \"w\" denied the request without explanation"}`,
			&DeniedError{Ref: job, Verb: "apply", Admission: "w", Message: "it gives no reason"}, "it gives no reason",
		},
		{
			"policy refuses", `{"code":422,"reason":"Invalid","message":"jobs.example.com \"orders\" is forbidden: ValidatingAdmissionPolicy 'images' with binding 'all' denied request: only our registry"}`,
			&DeniedError{Ref: job, Verb: "apply", Admission: "images", Message: "only our registry"}, "(images)",
		},
		{
			"webhook away", `{"code":500,"reason":"InternalError","message":"Internal error occurred: failed calling webhook \"validation.flink.apache.org\": failed to call webhook: Post \"https://x\": dial tcp: connection refused"}`,
			&WebhookUnavailableError{Ref: job, Webhook: "validation.flink.apache.org", Message: `Internal error occurred: failed calling webhook "validation.flink.apache.org": failed to call webhook: Post "https://x": dial tcp: connection refused`},
			"cannot call the webhook validation.flink.apache.org that it needs for Job ns/orders",
		},
		{
			"webhook in trouble", `{"code":500,"reason":"InternalError","message":"Internal error occurred: failed calling webhook \"w\": failed to call webhook: an error on the server (\"boom\") has prevented the request from succeeding"}`,
			&WebhookUnavailableError{Ref: job, Webhook: "w", Answered: true, Message: `Internal error occurred: failed calling webhook "w": failed to call webhook: an error on the server ("boom") has prevented the request from succeeding`},
			"boom",
		},
		{
			"conversion away", `{"code":500,"message":"conversion webhook for example.com/v1, Kind=Job failed: Post \"https://x\": EOF"}`,
			&WebhookUnavailableError{Ref: job, Webhook: "example.com/v1, Kind=Job", Message: `conversion webhook for example.com/v1, Kind=Job failed: Post "https://x": EOF`}, "EOF.",
		},
		{
			"credentials", `{"code":401,"reason":"Unauthorized","message":"Unauthorized"}`,
			&CredentialsError{Endpoint: "https://api", Message: "Unauthorized"}, "The API server at https://api does not accept the credentials",
		},
		{
			"overload", `{"code":429,"reason":"TooManyRequests","message":"too many requests"}`,
			&ServerError{Ref: job, Verb: "apply", Code: 429, Reason: "TooManyRequests", Message: "too many requests"}, "answers 429 TooManyRequests to apply Job ns/orders: too many requests.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var status metav1.Status
			if err := json.Unmarshal([]byte(test.status), &status); err != nil {
				t.Fatal(err)
			}
			client := &Client{endpoint: "https://api"}
			got := client.classify(fmt.Errorf("wrapped: %w", &apierrors.StatusError{ErrStatus: status}), "apply", job)
			if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", test.want) {
				t.Fatalf("got %T %v, want %T", got, got, test.want)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(got.Error(), test.text) || !strings.HasSuffix(got.Error(), ".") || strings.Contains(got.Error(), "planted-secret") {
				t.Errorf("text %q, want one with %q", got, test.text)
			}
		})
	}
}

func TestClassifyOtherErrors(t *testing.T) {
	client := &Client{endpoint: "https://api"}
	request := func(err error) error { return &url.Error{Op: "Get", URL: "https://api/apis?token=planted", Err: err} }

	got := client.classify(request(errors.New("dial tcp 10.0.0.1:443: connect: connection refused")), "get", job)
	var unreachable *UnreachableError
	if !errors.As(got, &unreachable) || got.Error() != "The API server at https://api cannot be reached: dial tcp 10.0.0.1:443: connect: connection refused." {
		t.Errorf("got %T %v", got, got)
	}
	got = client.classify(request(errors.New("getting credentials: exec: executable login failed with exit code 1")), "get", job)
	var credentials *CredentialsError
	if !errors.As(got, &credentials) || !strings.Contains(got.Error(), "executable login failed") {
		t.Errorf("got %T %v", got, got)
	}
}

func TestRequestNames(t *testing.T) {
	for _, test := range []struct{ method, path, content, want string }{
		{http.MethodGet, "/apis/example.com/v1/namespaces/n/jobs/orders", "", "get jobs"},
		{http.MethodGet, "/apis/example.com/v1/namespaces/n/jobs?limit=500", "", "list jobs"},
		{http.MethodGet, "/apis/example.com/v1/namespaces/n/jobs?watch=true", "", "watch jobs"},
		{http.MethodGet, "/apis/example.com/v1/jobs", "", "list jobs"},
		{http.MethodGet, "/api/v1/namespaces/n", "", "get namespaces"},
		{http.MethodGet, "/api/v1/namespaces/n/services/s:80/proxy/jobs/overview", "", "get services/proxy"},
		{http.MethodPatch, "/apis/example.com/v1/namespaces/n/jobs/orders", "application/apply-patch+yaml", "apply jobs"},
		{http.MethodPatch, "/apis/example.com/v1/namespaces/n/jobs/orders/status", "application/merge-patch+json", "patch jobs/status"},
		{http.MethodDelete, "/api/v1/namespaces/n", "", "delete namespaces"},
		{http.MethodPost, "/api/v1/namespaces", "", "create namespaces"},
		{http.MethodGet, "/k8s/clusters/c-1/api/v1/namespaces/n/pods", "", "list pods"},
		{http.MethodGet, "/version", "", "get /version"},
	} {
		req, err := http.NewRequest(test.method, "https://api"+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", test.content)
		if got := requestName(req); got != test.want {
			t.Errorf("%s %s is %q, want %q", test.method, test.path, got, test.want)
		}
	}
}
