package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// session is a running serve with both ends of its input and output.
type session struct {
	input  *io.PipeWriter
	output *bufio.Scanner
	ended  chan error
}

func startServe(ctx context.Context, t *testing.T, config clusterConfig) *session {
	t.Helper()
	inputReader, inputWriter := io.Pipe()
	outputReader, outputWriter := io.Pipe()
	s := &session{input: inputWriter, output: bufio.NewScanner(outputReader), ended: make(chan error, 1)}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	go func() {
		s.ended <- serve(ctx, config, inputReader, outputWriter, log)
		_ = outputWriter.Close()
	}()
	return s
}

// wait returns how serve ended.
func (s *session) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("serve has not ended")
		return nil
	}
}

func TestServe(t *testing.T) {
	s := startServe(t.Context(), t, clusterConfig{operator: "1.7", noOperator: true})
	if !s.output.Scan() {
		t.Fatalf("serve ended: %v", s.wait(t))
	}
	var ready map[string]any
	if err := json.Unmarshal(s.output.Bytes(), &ready); err != nil {
		t.Fatalf("%q: %s", s.output.Text(), err)
	}
	if ready["operator"] != "1.7" || ready["pid"] != float64(os.Getpid()) {
		t.Errorf("the readiness line says %v", ready)
	}
	kubeconfig, _ := ready["kubeconfig"].(string)
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != ready["endpoint"] || config.BearerToken != ready["token"] {
		t.Error("the kubeconfig has another endpoint or token than the readiness line")
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	list := func() error {
		deployments := schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"}
		_, err := client.Resource(deployments).List(t.Context(), meta.ListOptions{})
		return err
	}
	if err := list(); err != nil {
		t.Errorf("the custom resources are not served: %s", err)
	}

	for _, step := range []struct {
		command string
		answer  answer
		served  bool
	}{
		{"stop-apiserver", answer{OK: true}, false},
		{"start-apiserver", answer{OK: true}, true},
		{"resume-operator", answer{OK: true}, true},
		{"resume-operator", answer{OK: true}, true},
		{"pause-operator", answer{OK: true}, true},
		{"pause-operator", answer{OK: true}, true},
		{"jump", answer{Error: `unknown command "jump"`}, true},
	} {
		if _, err := io.WriteString(s.input, step.command+"\n"); err != nil {
			t.Fatal(err)
		}
		if !s.output.Scan() {
			t.Fatalf("serve ended at %s: %v", step.command, s.wait(t))
		}
		var got answer
		if err := json.Unmarshal(s.output.Bytes(), &got); err != nil {
			t.Fatalf("%q: %s", s.output.Text(), err)
		}
		step.answer.Command = step.command
		if got != step.answer {
			t.Errorf("got the answer %+v, want %+v", got, step.answer)
		}
		if err := list(); (err == nil) != step.served {
			t.Errorf("after %s the apiserver gives %v", step.command, err)
		}
	}

	if err := s.input.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(t); err != nil {
		t.Errorf("serve ended with %s when its input ended", err)
	}
	if _, err := os.Stat(kubeconfig); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the control plane's files are still there: %v", err)
	}
	if err := list(); err == nil {
		t.Error("the apiserver still runs")
	}
}

// TestServeEndsWhileStarting closes the input before the control plane is ready.
func TestServeEndsWhileStarting(t *testing.T) {
	s := startServe(t.Context(), t, clusterConfig{operator: "1.15"})
	if err := s.input.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(t); err != nil {
		t.Errorf("serve ended with %s", err)
	}
	if s.output.Scan() {
		t.Errorf("it said %q", s.output.Text())
	}
}

func TestRun(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing":            {nil, "usage:"},
		"unknown command":    {[]string{"dance"}, `unknown command "dance"`},
		"unknown version":    {[]string{"serve", "--operator", "1.6"}, "1.7, 1.15, 1.16"},
		"unknown Strimzi":    {[]string{"serve", "--strimzi", "0.9"}, `no Strimzi "0.9"; there are 0.45, 1.2, none`},
		"two versions":       {[]string{"serve", "--operator", "1.15,1.7"}, "one version"},
		"nothing to execute": {[]string{"exec", "--operator", "1.15,1.7"}, "needs a command"},
		"superfluous":        {[]string{"serve", "now"}, `unexpected argument "now"`},
		"no value":           {[]string{"serve", "--set", "a.b"}, "key=value"},
		"unknown option":     {[]string{"serve", "--set", "a.b=c"}, "has no option a.b"},
		"bad speed":          {[]string{"serve", "--speed", "fast"}, "speed"},
		"unknown to build":   {[]string{"build", "kube-dance"}, `"kube-dance"`},
		"flag without value": {[]string{"serve", "--operator"}, "operator"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), test.args, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestServeWebhook asks the apiserver for what the operator's webhooks refuse and change.
func TestServeWebhook(t *testing.T) {
	s := startServe(t.Context(), t, clusterConfig{operator: "1.15", noOperator: true, webhook: true})
	if !s.output.Scan() {
		t.Fatalf("serve ended: %v", s.wait(t))
	}
	var ready readiness
	if err := json.Unmarshal(s.output.Bytes(), &ready); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", ready.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	command := func(text string) {
		t.Helper()
		if _, err := io.WriteString(s.input, text+"\n"); err != nil {
			t.Fatal(err)
		}
		var got answer
		if !s.output.Scan() || json.Unmarshal(s.output.Bytes(), &got) != nil || !got.OK {
			t.Fatalf("%s was answered with %q", text, s.output.Text())
		}
	}
	create := func(kind string, spec map[string]any) (*unstructured.Unstructured, error) {
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "flink.apache.org/v1beta1", "kind": kind, "metadata": map[string]any{"name": "orders"}, "spec": spec,
		}}
		resource := schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: strings.ToLower(kind) + "s"}
		return client.Resource(resource).Namespace("default").Create(t.Context(), object, meta.CreateOptions{DryRun: []string{meta.DryRunAll}})
	}
	// As the operator 1.15 was seen to answer: 403 without a reason.
	_, err = create("FlinkDeployment", map[string]any{"flinkVersion": "v1_20", "job": map[string]any{"upgradeMode": "savepoint", "parallelism": int64(1)}})
	want := `admission webhook "validationwebhook.flink.apache.org" denied the request: Checkpoint directory[execution.checkpointing.dir] must be defined for last-state and savepoint upgrade modes`
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Code != http.StatusForbidden || status.ErrStatus.Reason != "" || status.ErrStatus.Message != want {
		t.Errorf("an invalid deployment is answered with %#v", err)
	}
	if _, err := create("FlinkStateSnapshot", map[string]any{"jobReference": map[string]any{"kind": "FlinkDeployment", "name": "orders"}, "savepoint": map[string]any{}}); err == nil ||
		!strings.HasSuffix(err.Error(), "denied the request: Target for snapshot default/orders was not found") {
		t.Errorf("a snapshot of nothing is answered with %v", err)
	}
	if _, err := create("FlinkDeployment", map[string]any{"flinkVersion": "v1.20"}); !errors.As(err, &status) || status.ErrStatus.Code != http.StatusInternalServerError ||
		!strings.Contains(err.Error(), "IllegalArgumentException: Cannot deserialize") {
		t.Errorf("a version that Java cannot read is answered with %v", err)
	}
	job, err := create("FlinkSessionJob", map[string]any{"deploymentName": "cluster", "job": map[string]any{"parallelism": int64(1)}})
	if err != nil {
		t.Fatal(err)
	}
	configuration, hasConfig, _ := unstructured.NestedMap(job.Object, "spec", "flinkConfiguration")
	args, hasArgs, _ := unstructured.NestedSlice(job.Object, "spec", "job", "args")
	if job.GetLabels()["target.session"] != "cluster" || !hasConfig || len(configuration) > 0 || !hasArgs || len(args) > 0 {
		t.Errorf("the session job became %v", job.Object)
	}
	command("stop-webhook")
	if _, err := create("FlinkDeployment", map[string]any{}); err == nil || !strings.Contains(err.Error(), "failed calling webhook") {
		t.Errorf("without the webhook a deployment is answered with %v", err)
	}
	command("start-webhook")
	if _, err := create("FlinkDeployment", map[string]any{}); err == nil || !strings.HasSuffix(err.Error(), "Flink Version must be defined.") {
		t.Errorf("with the webhook again a deployment is answered with %v", err)
	}
	if err := s.input.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(t); err != nil {
		t.Error(err)
	}
}

func TestParseServe(t *testing.T) {
	const schemes, hosts = "kubernetes.operator.user.artifacts.allowed-schemes", "kubernetes.operator.user.artifacts.disallow-restricted-hosts"
	got, err := parseServe([]string{"--operator", "1.15", "--set", schemes + "=a=b", "--set", hosts + "=", "--speed", "5ms", "--no-operator", "--webhook"})
	if want := (clusterConfig{operator: "1.15", set: settings{schemes: "a=b", hosts: ""}, speed: 5 * time.Millisecond, noOperator: true, webhook: true}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = parseServe(nil)
	if want := (clusterConfig{operator: "1.16", set: settings{}, speed: 20 * time.Millisecond}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the defaults are %+v, %v, want %+v", got, err, want)
	}
}

// TestStrimziRelease says which KafkaTopic there is beside which operator.
func TestStrimziRelease(t *testing.T) {
	for args, want := range map[string]string{
		"": "1.2", "--operator 1.15": "1.2", "--operator 1.7": "0.45", "--operator 1.7 --strimzi 1.2": "1.2", "--strimzi none": "none",
	} {
		config, err := parseServe(strings.Fields(args))
		if err != nil {
			t.Fatal(err)
		}
		if got := config.strimziRelease(); got != want {
			t.Errorf("%q has Strimzi %s, want %s", args, got, want)
		}
	}
}

// TestExec runs a shell beside two control planes, which sees both by their variables.
func TestExec(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	script := `grep -h server: "$FLINK_TEST_KUBECONFIG_1_7" "$FLINK_TEST_KUBECONFIG_1_16" > "$0"; [ "$KUBECONFIG" = "$FLINK_TEST_KUBECONFIG_1_7" ] && [ "$FLINK_TEST_OPERATORS" = 1.7,1.16 ] && exit 7`
	err := run(t.Context(), []string{"exec", "--operator", "1.7,1.16", "--no-operator", "sh", "-c", script, out}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if ended := (*exec.ExitError)(nil); !errors.As(err, &ended) || ended.ExitCode() != 7 {
		t.Errorf("got %v, want the command's exit code 7", err)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	servers := strings.Fields(strings.ReplaceAll(string(content), "server:", ""))
	if len(servers) != 2 || servers[0] == servers[1] {
		t.Fatalf("the command saw the servers %v", servers)
	}
	for _, server := range servers {
		if connection, err := net.Dial("tcp", strings.TrimPrefix(server, "https://")); err == nil {
			_ = connection.Close()
			t.Errorf("%s still runs", server)
		}
	}
}
