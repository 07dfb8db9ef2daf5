package clowd

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// script runs a TaskManager beside the JobManager in one container. The entry point has
// written the configuration by then, once for both. A JobManager that ends ends the container;
// a TaskManager that ends takes the JobManager with it, so that Kubernetes starts both again.
const script = `"$FLINK_HOME"/bin/taskmanager.sh start-foreground & worker=$!
"$FLINK_HOME"/bin/standalone-job.sh start-foreground "$@" & manager=$!
trap 'kill -TERM $manager $worker 2>/dev/null; wait' TERM INT
wait -n; code=$?; kill -TERM $manager $worker 2>/dev/null; wait; exit $code`

// command begins what the container runs: the entry point of Flink's images carries out what
// is no command of its own (docker-entrypoint.sh of flink-docker).
var command = []string{"/docker-entrypoint.sh", "bash", "-c", escaped(script), "flink"}

// Options of Flink's StandaloneApplicationClusterEntryPoint.
const (
	optionClass    = "--job-classname"
	optionJob      = "--job-id"
	optionJars     = "--jars"
	optionRestore  = "--fromSavepoint"
	optionUnmapped = "--allowNonRestoredState"
)

// ownOptions are those that Flink takes for its own as long as nothing else came before them
// (StandaloneApplicationClusterConfigurationParserFactory).
var ownOptions = []string{
	optionClass, "-j", optionJob, "-jid", optionJars, "-jars", optionRestore, "-s", optionUnmapped, "-n",
	"--configDir", "-c", "--host", "-h", "--webui-port", "-r", "--executionMode", "-x", "-restoreMode", "--restoreMode", "-rm", "--claimMode", "-D",
}

// usrlib is where Flink looks for the JAR file of its job by itself.
const usrlib = "local:///opt/flink/usrlib/"

// arguments are those of the job.
func arguments(place Place, spec flink.DeploymentSpec) []string {
	job := ptr.Deref(spec.Job, flink.Job{})
	var out []string
	if job.EntryClass != nil {
		out = append(out, optionClass, *job.EntryClass)
	}
	out = append(out, optionJob, place.JobID())
	if jar := ptr.Deref(job.JarURI, ""); jar != "" && !strings.HasPrefix(jar, usrlib) {
		out = append(out, optionJars, jar)
	}
	if job.InitialSavepointPath != nil {
		out = append(out, optionRestore, *job.InitialSavepointPath)
	}
	if ptr.Deref(job.AllowNonRestoredState, false) {
		out = append(out, optionUnmapped)
	}
	out = append(out, job.Args...)
	for i := range out {
		out[i] = escaped(out[i])
	}
	return out
}

// argumentsInto reads what arguments wrote into a job.
func argumentsInto(list []any, job flink.Tree) {
	var all []string
	for _, item := range list {
		text, _ := item.(string)
		all = append(all, unescaped(text))
	}
	fields := map[string]string{optionClass: "entryClass", optionJob: "", optionJars: "jarURI", optionRestore: "initialSavepointPath"}
	for len(all) > 0 {
		field, known := fields[all[0]]
		switch {
		case known && len(all) > 1:
			set(job, field, all[1])
			delete(job, "")
			all = all[2:]
			continue
		case all[0] == optionUnmapped:
			job["allowNonRestoredState"] = true
			all = all[1:]
			continue
		}
		break
	}
	if len(all) > 0 {
		job["args"] = texts(all...)
	}
}

// takenForOwn tells whether Flink takes the first argument of a job for an option of its own.
func takenForOwn(args []string) bool {
	return len(args) > 0 && (slices.Contains(ownOptions, args[0]) || strings.HasPrefix(args[0], "-D"))
}

// restPort is where Flink's REST API is inside of the container.
func restPort(spec flink.DeploymentSpec) string {
	if port, said := spec.FlinkConfiguration.Get("rest.port"); said {
		return port
	}
	return "8081"
}

// probe asks Flink's REST API, without a program that an image may not have.
func probe(spec flink.DeploymentSpec, path, answer string) flink.Tree {
	text := fmt.Sprintf(`exec 3<>/dev/tcp/localhost/%s && printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && grep -q '%s' <&3`, restPort(spec), path, answer)
	return flink.Tree{"exec": flink.Tree{"command": texts("bash", "-c", text)}}
}

// readiness tells whether the job runs, so that the condition DeploymentsReady says it.
func readiness(spec flink.DeploymentSpec) flink.Tree {
	out := probe(spec, "/jobs", `"status":"RUNNING"`)
	out["periodSeconds"], out["timeoutSeconds"], out["failureThreshold"] = json.Number("5"), json.Number("5"), json.Number("3")
	return out
}

// liveness tells whether the JobManager answers. A job that restarts is alive.
func liveness(spec flink.DeploymentSpec) flink.Tree {
	out := probe(spec, "/config", "flink-version")
	out["initialDelaySeconds"], out["periodSeconds"], out["timeoutSeconds"], out["failureThreshold"] = json.Number("60"), json.Number("10"), json.Number("5"), json.Number("6")
	return out
}
