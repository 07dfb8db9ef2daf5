package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// stage is the cluster that the story happens on.
type stage interface {
	// explain says what start does and what plays there.
	explain(con *console)
	// start returns the kubeconfig and the quickstart's variables for this cluster.
	start(ctx context.Context, con *console) (kubeconfig string, variables map[string]string, err error)
	// restoredFrom says where the running job got its state from, and who says so.
	restoredFrom(ctx context.Context, cluster *kube.Client, job deployment) (path, witness string, err error)
	stop() error
}

// embeddedStage is a control plane without nodes and the stand-in of the operator, which run in `devcluster serve`.
type embeddedStage struct {
	root  string
	cmd   *exec.Cmd
	input io.Closer
}

func (*embeddedStage) explain(con *console) {
	con.say("etcd, kube-apiserver and kube-controller-manager run as three processes on free ports; the first time they")
	con.say("are built from their Go modules into the cache folder, which takes some minutes. There is no node: a stand-in")
	con.say("of the Flink Kubernetes Operator plays the operator and Flink, as seen from the Kubernetes API.")
}

// standInSpeed is what the stand-in takes for a step: slow enough to watch.
const standInSpeed = "300ms"

func (e *embeddedStage) start(ctx context.Context, con *console) (string, map[string]string, error) {
	// It is to end by itself, with its input, and not to be killed.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "go", "run", "-C", filepath.Join(e.root, devclusterModule), "./cmd/devcluster", "serve", "--speed", standInSpeed)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.SysProcAttr = apart()
	cmd.Stderr = &lineWriter{line: func(line string) { con.aside("%s", message(line)) }}
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the control plane: %w", err)
	}
	e.cmd, e.input = cmd, input
	// The program ends with its input, also in the middle of a build; its output then ends as well.
	stopWaiting := context.AfterFunc(ctx, func() { _ = input.Close() })
	defer stopWaiting()
	var ready struct {
		Kubeconfig string `json:"kubeconfig"`
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if ctx.Err() != nil {
		return "", nil, ctx.Err()
	}
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		return "", nil, fmt.Errorf("the control plane did not start: %w", err)
	}
	return ready.Kubeconfig, nil, nil
}

var logMessage = regexp.MustCompile(`msg=(?:"((?:[^"\\]|\\.)*)"|(\S+))`)

// message is the message of a line of devcluster's log, or the whole line when it is none.
func message(line string) string {
	if found := logMessage.FindStringSubmatch(line); found != nil {
		return found[1] + found[2]
	}
	return line[:len(line)-1]
}

var appsDeployment = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, Kind: "Deployment"}

// restoredFrom reads what the stand-in noted at the job's start.
func (*embeddedStage) restoredFrom(ctx context.Context, cluster *kube.Client, _ deployment) (path, witness string, err error) {
	object, err := cluster.Get(ctx, appsDeployment, kube.Key{Namespace: namespace, Name: name})
	if err != nil {
		return "", "", err
	}
	const annotation = "standin.flink/restored-from"
	return object.GetAnnotations()[annotation], "The stand-in noted at the job's start (annotation " + annotation + " of its apps/v1 Deployment):", nil
}

func (e *embeddedStage) stop() error {
	if e.cmd == nil {
		return nil
	}
	_ = e.input.Close()
	timer := time.AfterFunc(time.Minute, func() { _ = e.cmd.Process.Kill() })
	defer timer.Stop()
	if err := e.cmd.Wait(); err != nil {
		return fmt.Errorf("stopping the control plane: %w", err)
	}
	return nil
}

// realStage is a cluster with a real operator, which runs already.
type realStage struct {
	kubeconfig string
	// folder of the node for checkpoints and savepoints.
	folder string
}

func (*realStage) explain(con *console) {
	con.say("This is the real one-node cluster: a kubelet with containers, the real Flink Kubernetes Operator, and a real")
	con.say("Flink 1.18 job that sums numbers by key and so has state to lose. Every operator since 1.7 knows this Flink,")
	con.say("but it is deprecated by now, so the provider warns of the version.")
}

func (r *realStage) start(_ context.Context, con *console) (string, map[string]string, error) {
	if r.kubeconfig == "" {
		return "", nil, errors.New("KUBECONFIG names no cluster; use make demo DEMO=real, which starts one")
	}
	// Pods of any user write their checkpoints here.
	if err := os.Mkdir(r.folder, 0o777); err != nil {
		return "", nil, err
	}
	if err := os.Chmod(r.folder, 0o777); err != nil { //nolint:gosec // see above; the umask took the permission away
		return "", nil, err
	}
	con.aside("checkpoints and savepoints go to %s", r.folder)
	return r.kubeconfig, map[string]string{"image": "flink:1.18", "flink_version": "v1_18", "state_folder": r.folder}, nil
}

// restoredFrom asks the JobManager (https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/rest_api/).
func (*realStage) restoredFrom(ctx context.Context, cluster *kube.Client, job deployment) (path, witness string, err error) {
	query := "/jobs/" + job.Status.JobID + "/checkpoints"
	text, err := cluster.ServiceGet(ctx, namespace, name+"-rest", 8081, query)
	if err != nil {
		return "", "", fmt.Errorf("asking the JobManager: %w", err)
	}
	path, err = latestRestored(text)
	return path, "The JobManager answers to GET " + query + " (latest.restored.external_path):", err
}

// latestRestored reads the savepoint from which a job was restored from the JobManager's statistics of checkpoints.
func latestRestored(text []byte) (string, error) {
	var answer struct {
		Latest struct {
			Restored *struct {
				ExternalPath string `json:"external_path"`
				IsSavepoint  bool   `json:"is_savepoint"`
			} `json:"restored"`
		} `json:"latest"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", fmt.Errorf("reading the JobManager's answer: %w", err)
	}
	switch restored := answer.Latest.Restored; {
	case restored == nil:
		return "", errors.New("the JobManager says that the job was restored from nothing")
	case !restored.IsSavepoint:
		return "", fmt.Errorf("the JobManager says that the job was restored from a checkpoint (%s) and not from a savepoint", restored.ExternalPath)
	default:
		return restored.ExternalPath, nil
	}
}

func (*realStage) stop() error { return nil }
