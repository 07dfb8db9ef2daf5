package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// stage is the cluster that the story happens on.
type stage interface {
	// explain says what start does and what plays there.
	explain(con *console)
	// start returns the kubeconfig and the configuration's variables for this cluster.
	start(ctx context.Context, con *console) (kubeconfig string, variables map[string]string, err error)
	// restoredFrom says where the running job of a FlinkDeployment got its state from, and who says so.
	restoredFrom(ctx context.Context, cluster *kube.Client, name string, job deployment) (path, witness string, err error)
	stop() error
}

// embeddedStage is a control plane without nodes and the stand-in of the operator, which run in `devcluster serve`.
type embeddedStage struct {
	root, namespace string
	// process is nil until it has started.
	process *devprocess.Process
}

func (*embeddedStage) explain(con *console) {
	con.say("etcd, kube-apiserver and kube-controller-manager run as three processes on free ports; the first time they")
	con.say("are built from their Go modules into the cache folder, which takes some minutes. There is no node: a stand-in")
	con.say("of the Flink Kubernetes Operator plays the operator and Flink, as seen from the Kubernetes API.")
}

// standInSpeed is what the stand-in takes for a step: slow enough to watch.
const standInSpeed = "300ms"

func (e *embeddedStage) start(ctx context.Context, con *console) (string, map[string]string, error) {
	var ready struct {
		Kubeconfig string `json:"kubeconfig"`
	}
	var err error
	if e.process, err = startDevcluster(ctx, e.root, con, &ready, "serve", "--speed", standInSpeed); err != nil {
		return "", nil, fmt.Errorf("starting the control plane: %w", err)
	}
	return ready.Kubeconfig, nil, nil
}

// startDevcluster starts a command of devcluster, whose log the reader sees.
func startDevcluster(ctx context.Context, root string, con *console, ready any, args ...string) (*devprocess.Process, error) {
	cmd := devprocess.Command(ctx, root, args...)
	cmd.SysProcAttr = apart()
	cmd.Stderr = &lineWriter{line: func(line string) { con.aside("%s", message(line)) }}
	return devprocess.Start(ctx, cmd, ready)
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
func (e *embeddedStage) restoredFrom(ctx context.Context, cluster *kube.Client, name string, _ deployment) (path, witness string, err error) {
	object, err := cluster.Get(ctx, appsDeployment, kube.Key{Namespace: e.namespace, Name: name})
	if err != nil {
		return "", "", err
	}
	const annotation = "standin.flink/restored-from"
	return object.GetAnnotations()[annotation], "The stand-in noted at the job's start (annotation " + annotation + " of its apps/v1 Deployment):", nil
}

func (e *embeddedStage) stop() error {
	if e.process == nil {
		return nil
	}
	if err := e.process.Stop(); err != nil {
		return fmt.Errorf("stopping the control plane: %w", err)
	}
	return nil
}

// realStage is a cluster with a real operator, which runs already.
type realStage struct {
	kubeconfig string
	// folder of the node for checkpoints and savepoints.
	folder    string
	namespace string
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
func (r *realStage) restoredFrom(ctx context.Context, cluster *kube.Client, name string, job deployment) (path, witness string, err error) {
	query := "/jobs/" + job.Status.JobID + "/checkpoints"
	text, err := cluster.ServiceGet(ctx, r.namespace, name+"-rest", 8081, query)
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
