package storm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// form is what a deployment consists of, by its attributes.
type form struct{ strategy, engine, mode string }

var (
	inPlace    = form{"in_place", "auto", "native"}
	standalone = form{"in_place", "auto", "standalone"}
	byProvider = form{"blue_green", "provider", "native"}
	byOperator = form{"blue_green", "operator", "native"}
)

// deed is what the provider does when it is killed.
type deed string

const (
	create   deed = "create"
	update   deed = "update"   // a savepoint upgrade in place, else a switch
	rollBack deed = "rollback" // of a version that does not start
	reform   deed = "reform"   // another form, or another mode
	destroy  deed = "destroy"
)

// lane is one deployment with its user, who has the provider killed all the time.
type lane struct {
	t         *testing.T
	cluster   *acctest.ClusterHandle
	namespace string
	cli       *acctest.CLI
	random    *rand.Rand

	// form is the deployment's, and forms those that it takes.
	form  form
	forms []form
	// version counts the images, and fails has the job fail at its start.
	version int
	fails   bool
	// exists tells that there has to be a deployment.
	exists bool
	// ran is the job at the end of the last round, and used are the paths from which jobs were started since the
	// deployment was created.
	ran  job
	used map[string]bool
	// took is how long each deed takes when nobody is killed.
	took map[deed]time.Duration
	// imported tells that this round has imported the deployment.
	imported bool
	// story is what happened in this round.
	story []string
}

// config is the configuration of the deployment.
func (l *lane) config() string {
	args := ""
	if l.fails {
		args = `, args = ["--fail-start"]`
	}
	return acctest.ProviderConfig(l.cluster) + fmt.Sprintf(`
resource "flink_deployment" "test" {
  environment     = { namespace = %q }
  name            = "orders"
  image           = "registry.example.com/orders:1.%d.0"
  flink_version   = %q
  service_account = %q
  mode            = %q
  flink_configuration = {
    "state.checkpoints.dir"         = "s3://flink/checkpoints"
    "state.savepoints.dir"          = "s3://flink/savepoints"
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 2
  }
  job          = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2%s }
  job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager = { resource = { cpu = 1, memory = "2g" } }
  upgrade      = { strategy = %q, blue_green = { engine = %q, abort_grace_period = "10m" } }
}
`, l.namespace, l.version, l.cluster.FlinkVersion(), acctest.ServiceAccount, l.form.mode, args, l.form.strategy, l.form.engine)
}

func (l *lane) tell(format string, arguments ...any) {
	l.story = append(l.story, fmt.Sprintf(format, arguments...))
}

// fail ends the lane with what happened.
func (l *lane) fail(format string, arguments ...any) {
	l.t.Helper()
	l.t.Fatalf("%s\n\n%s\n\n%s", strings.Join(l.story, "\n"), fmt.Sprintf(format, arguments...), l.describe())
}

// round has the provider killed in one deed, and the next apply go on.
func (l *lane) round(number int) {
	l.t.Helper()
	does := l.choose()
	l.story = []string{fmt.Sprintf("round %d: %s of %+v, version %d", number, does, l.form, l.version)}
	l.prepare(does)
	command := []string{"apply", "-auto-approve", "-input=false"}
	if does == destroy {
		command[0] = "destroy"
	}
	l.killedIn(does, command)

	l.fails = false
	if does == destroy && l.random.IntN(2) == 0 {
		l.exists = false
		l.finish(command)
	} else {
		// Who regrets a destroy may find the deployment gone, and then a new one starts empty.
		l.write()
		l.exists = true
		l.finish([]string{"apply", "-auto-approve", "-input=false"})
	}
	l.check(does)
}

// choose draws what to do.
func (l *lane) choose() deed {
	if !l.exists {
		return create
	}
	deeds := []deed{update, update, rollBack, destroy}
	if len(l.forms) > 1 {
		deeds = append(deeds, reform)
	}
	return deeds[l.random.IntN(len(deeds))]
}

// prepare makes a deed the configuration's.
func (l *lane) prepare(does deed) {
	l.t.Helper()
	switch does {
	case create, update:
		l.version++
	case rollBack:
		l.version++
		l.fails = true
	case reform:
		for was := l.form; l.form == was; {
			l.form = l.forms[l.random.IntN(len(l.forms))]
		}
	case destroy:
	}
	l.write()
}

func (l *lane) write() {
	l.t.Helper()
	if err := l.cli.Write(l.config()); err != nil {
		l.t.Fatal(err)
	}
}

// firstGuess is how long a deed may take before one was measured.
const firstGuess = 6 * time.Second

// killedIn runs a command and kills its provider at a random moment, mostly while it works and not while the CLI gets
// ready.
func (l *lane) killedIn(does deed, command []string) {
	l.t.Helper()
	long := l.took[does]
	if long == 0 {
		long = firstGuess
	}
	after := time.Duration((0.2 + 0.9*l.random.Float64()) * float64(long))
	began := time.Now()
	run, err := l.cli.Start(l.t.Context(), command...)
	if err != nil {
		l.t.Fatal(err)
	}
	killed := make(chan struct{})
	timer := time.AfterFunc(after, func() { l.cli.KillProviders(); close(killed) })
	code, output, err := run.Wait()
	if err != nil {
		l.t.Fatal(err)
	}
	took := time.Since(began)
	if timer.Stop() {
		l.took[does] = took
		l.tell("%s ended by itself after %s with %d:\n%s", command[0], took.Round(time.Millisecond), code, output)
		return
	}
	<-killed
	if took > after+2*time.Second || code == 0 {
		// It was over before it could notice.
		l.took[does] = max(long, took)
	}
	l.tell("%s, killed after %s, ended after %s with %d:\n%s", command[0], after.Round(time.Millisecond), took.Round(time.Millisecond), code, output)
}

// finish runs a command that has to succeed.
func (l *lane) finish(command []string) {
	l.t.Helper()
	run, err := l.cli.Start(l.t.Context(), command...)
	if err != nil {
		l.t.Fatal(err)
	}
	began := time.Now()
	code, output, err := run.Wait()
	if err != nil {
		l.t.Fatal(err)
	}
	l.tell("%s, which goes on, took %s:\n%s", command[0], time.Since(began).Round(time.Millisecond), output)
	switch {
	case code == 0:
	case strings.Contains(output, "it exists already") && !l.imported && l.isEnded():
		l.importIt(command)
	default:
		l.fail("the next %s does not go on", command[0])
	}
}

// isEnded tells whether a create has come to its end: no mark says any more that nobody's state has the deployment.
func (l *lane) isEnded() bool {
	l.t.Helper()
	objects := append(l.list(acctest.FlinkDeployments, ""), l.list(blueGreens, "")...)
	return len(objects) > 0 && !slices.ContainsFunc(objects, func(object unstructured.Unstructured) bool {
		return len(marksOf(&object)) > 0
	})
}

// importIt does what the error says. Between the end of a create, where its mark goes, and the answer to the CLI, which
// then writes the state, are some milliseconds in which a kill leaves a deployment that only its user can tell from one
// of another state.
func (l *lane) importIt(command []string) {
	l.t.Helper()
	l.t.Log("killed between the end of a create and its record in the state; imported")
	run, err := l.cli.Start(l.t.Context(), "import", "-input=false", "flink_deployment.test", "operator/"+l.namespace+"/orders")
	if err != nil {
		l.t.Fatal(err)
	}
	code, output, err := run.Wait()
	if err != nil {
		l.t.Fatal(err)
	}
	l.tell("import:\n%s", output)
	if code != 0 {
		l.fail("the import, which the error asks for, fails")
	}
	l.imported = true
	defer func() { l.imported = false }()
	l.finish(command)
}
