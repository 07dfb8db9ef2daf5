package acctest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// exampleFolders are the folders below examples that are root modules, relative to it. What lies inside one, such as a
// module that it calls, is part of it.
func exampleFolders(t *testing.T) (root string, folders []string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		files, err := filepath.Glob(filepath.Join(path, "*.tf"))
		if err != nil || len(files) == 0 {
			return err
		}
		folder, err := filepath.Rel(root, path)
		folders = append(folders, folder)
		if err == nil {
			err = fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return root, folders
}

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// user runs the CLI under test as a user of the provider does: its own process, with the provider in another one.
type user struct {
	cli string
	env []string
}

// newUser returns a user who has no cluster. The test framework cannot run configurations with modules.
func newUser(t *testing.T) user {
	t.Helper()
	cli := acctest.NewCLI(t)
	u := user{cli: cli.Binary}
	for _, variable := range cli.Env {
		// A plan must find no cluster but the one that the test names.
		if name, _, _ := strings.Cut(variable, "="); name != "KUBECONFIG" && name != "HOME" && name != "KUBERNETES_SERVICE_HOST" {
			u.env = append(u.env, variable)
		}
	}
	u.env = append(u.env, "HOME="+cli.Dir, "KUBECONFIG="+filepath.Join(cli.Dir, "none"))
	return u
}

// run runs the CLI in a folder and returns what it printed and its exit code.
func (u user) run(t *testing.T, folder string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), u.cli, args...)
	cmd.Dir, cmd.Env = folder, u.env
	text, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return string(text), ended.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return string(text), 0
}

// must runs the CLI, which has to succeed.
func (u user) must(t *testing.T, folder string, args ...string) string {
	t.Helper()
	text, code := u.run(t, folder, args...)
	if code != 0 {
		t.Fatalf("%s ended with exit code %d:\n%s", strings.Join(args, " "), code, text)
	}
	return text
}

// copied is a copy of an example, so that the CLI leaves nothing in the source tree. The others are beside it, as one may
// take the module of another.
func copied(t *testing.T, root, folder string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, folder)
}

// applyNeeded applies what an example takes for granted, its file needed.tf, before the rest of it.
func (u user) applyNeeded(t *testing.T, dir string) {
	t.Helper()
	const needed = "needed.tf"
	if _, err := os.Stat(filepath.Join(dir, needed)); errors.Is(err, fs.ErrNotExist) {
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	rename := func(from, to string) {
		for _, file := range files {
			if filepath.Base(file) == needed {
				continue
			}
			if err := os.Rename(file+from, file+to); err != nil {
				t.Fatal(err)
			}
		}
	}
	rename("", ".later")
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	rename(".later", "")
}

// applyElsewhere applies what another configuration than the example has, its file elsewhere.tf, with a state of its own,
// and returns how it is destroyed.
func (u user) applyElsewhere(t *testing.T, dir string) (destroy func()) {
	t.Helper()
	const elsewhere = "elsewhere.tf"
	other := t.TempDir()
	err := os.Rename(filepath.Join(dir, elsewhere), filepath.Join(other, elsewhere))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return func() {}
	case err != nil:
		t.Fatal(err)
	}
	u.must(t, other, "apply", "-no-color", "-input=false", "-auto-approve")
	return func() { u.must(t, other, "destroy", "-no-color", "-input=false", "-auto-approve") }
}

// everywhere are the variables that lead a user to each platform.
func everywhere(t *testing.T) (env []string, cluster *acctest.ClusterHandle, cmf *acctest.CMFHandle) {
	t.Helper()
	cluster = acctest.Cluster(t, acctest.Newest())
	acctest.WithClowder(t, cluster)
	cmf = acctest.CMFOn(t, "2.3.1", cluster)
	return []string{"KUBECONFIG=" + cluster.Kubeconfig, "CONFLUENT_CMF_URL=" + cmf.Endpoint, "VERVERICA_PLATFORM_URL=" + acctest.VVP(t, "2.15.1").Endpoint}, cluster, cmf
}

func TestAccExamples(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, folders := exampleFolders(t)
	for _, folder := range []string{
		"cloudflow", "clowder", "confluent", "quickstart", "resources/flink_deployment", "resources/flink_environment", "resources/flink_session_job", "resources/flink_stream_application",
		"scenarios/payments", "scenarios/one-blueprint-on-each-platform", "scenarios/one-blueprint-three-environments", "scenarios/one-module-two-platforms", "session", "ververica",
	} {
		if !slices.Contains(folders, filepath.FromSlash(folder)) {
			t.Errorf("there is no example %s among %q", folder, folders)
		}
	}
	u := newUser(t)
	env, cluster, cmf := everywhere(t)
	production := fmt.Sprintf(`{"name":"production","kubernetesNamespace":%q}`, cluster.Namespace(t))
	if code, answer := cmf.Call(t, http.MethodPost, "environments", production); code != http.StatusOK {
		t.Fatalf("the environment production is refused with %d: %s", code, answer)
	}
	cloudflow := acctest.Cloudflow(t, cluster)
	u.env = append(append(u.env, env...), "TF_VAR_admin_bootstrap_servers="+broker(t), "TF_VAR_operator_namespace="+cloudflow.OperatorNamespace, "TF_VAR_labels="+cloudflow.Labels())
	// The Kafka of Strimzi in one-blueprint-three-environments.
	cluster.CreateNamespace(t, "clicks-kafka")
	events := cluster.Kafka(t, "clicks-kafka", "events")
	for _, folder := range folders {
		if folder == filepath.FromSlash("scenarios/one-blueprint-on-each-platform") {
			// TestAccOneBlueprintOnEachPlatform applies it.
			continue
		}
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if folder != "session" {
				acctest.FirstCLIOnly(t)
			}
			dir := copied(t, root, folder)
			defer u.applyElsewhere(t, dir)()
			u.must(t, dir, "get")
			u.applyNeeded(t, dir)
			u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
			defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
			if text, code := u.run(t, dir, "plan", "-no-color", "-input=false", "-detailed-exitcode"); code != 0 {
				t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
			}
			if folder == filepath.FromSlash("scenarios/one-blueprint-three-environments") {
				if topic, has := events.Topics(t)["clicks-v1"]; !has || topic.Partitions != 3 {
					t.Errorf("Strimzi has the topic: %t, with %d partitions", has, topic.Partitions)
				}
			}
		})
	}
}

// broker starts one that only knows Kafka's protocol, and ends with the test. An example takes it in place of its own by
// the variable admin_bootstrap_servers, as a user does who reaches the brokers in another way than the jobs.
func broker(t *testing.T) (address string) {
	t.Helper()
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake.ListenAddrs()[0]
}

// TestAccReadme applies the example of the README, and compares the plan of its change with the one that stands there.
func TestAccReadme(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```hcl\n(.*?)```\n\nSet `parallelism` to 4, .*?```\n(.*?)```").FindStringSubmatch(string(text))
	if example == nil {
		t.Fatal("the README has no example with a plan")
	}
	u := newUser(t)
	u.env = append(u.env, "KUBECONFIG="+acctest.Cluster(t, acctest.Newest()).Kubeconfig)
	dir := t.TempDir()
	write := func(configuration string) {
		header := "terraform {\n  required_providers { flink = { source = \"flink-terraform/flink\" } }\n}\n\n"
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(header+configuration), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(example[1])
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
	write(strings.Replace(example[1], "parallelism = 2", "parallelism = 4", 1))
	plan := u.must(t, dir, "plan", "-no-color", "-input=false")

	// The ids of the job and of its object are others each time.
	id := regexp.MustCompile("[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
	_, got, found := strings.Cut(plan, "perform the following actions:\n\n")
	if !found {
		t.Fatalf("this is no plan with actions:\n%s", plan)
	}
	// OpenTofu shows a write-only attribute in every update, also where nobody gives it; Terraform counts it as unchanged.
	if before, after, shown := strings.Cut(got, "      ~ secret_configuration_wo = (write-only attribute)\n"); shown {
		got = before + strings.Replace(after, "        # (2 unchanged attributes hidden)\n    }", "        # (3 unchanged attributes hidden)\n    }", 1)
	}
	if diff := cmp.Diff(id.ReplaceAllString(example[2], "ID"), id.ReplaceAllString(got, "ID")); diff != "" {
		t.Errorf("the README's plan differs (-README +plan):\n%s", diff)
	}
	guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "updates.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), example[2]) {
		t.Error("the guide about updates shows another plan than the README")
	}
}

// plannedChange is the part of a plan's JSON that the test looks at
// (https://developer.hashicorp.com/terraform/internals/json-format).
type plannedChange struct {
	Address string `json:"address"`
	Change  struct {
		After struct {
			ID            string         `json:"id"`
			EffectiveSpec string         `json:"effective_spec"`
			Rollout       map[string]any `json:"rollout"`
		} `json:"after"`
	} `json:"change"`
}

// TestAccQuickstartOffline plans where there is neither a cluster nor a kubeconfig.
func TestAccQuickstartOffline(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, _ := exampleFolders(t)
	u := newUser(t)
	dir := copied(t, root, "quickstart")
	u.must(t, dir, "plan", "-no-color", "-input=false", "-out=offline.tfplan")
	var plan struct {
		Changes []plannedChange `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(u.must(t, dir, "show", "-json", "offline.tfplan")), &plan); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plan.Changes, func(c plannedChange) bool { return c.Address == "flink_deployment.counter" })
	if i < 0 {
		t.Fatalf("the deployment is not in the plan: %v", plan)
	}
	planned := plan.Changes[i].Change.After
	if want := "operator/flink-quickstart/counter"; planned.ID != want {
		t.Errorf("id is %q, want %q", planned.ID, want)
	}
	wantRollout := map[string]any{
		"revision": 1.0, "action": "create", "because": []any{}, "state": "fresh", "downtime": false, "summary": "#1 create",
	}
	if diff := cmp.Diff(wantRollout, planned.Rollout); diff != "" {
		t.Errorf("rollout differs (-want +got):\n%s", diff)
	}
	checkQuickstart(t, planned.EffectiveSpec)
}

// checkQuickstart checks that the quickstart's specification has what its deployment says and what its environment
// gives.
func checkQuickstart(t *testing.T, text string) {
	t.Helper()
	got, err := flink.ParseTree([]byte(text))
	if err != nil {
		t.Fatalf("effective_spec is %q: %s", text, err)
	}
	for _, part := range []string{"flinkConfiguration", "jobManager", "taskManager", "podTemplate"} {
		if tree, ok := got[part].(flink.Tree); !ok || len(tree) == 0 {
			t.Errorf("%s is %v, want what the environment says", part, got[part])
		}
		delete(got, part)
	}
	want := flink.Tree{
		"image": "flink:1.20", "flinkVersion": "v1_20", "imagePullPolicy": "IfNotPresent", "serviceAccount": "flink",
		"job": flink.Tree{
			"jarURI": "local:///opt/flink/usrlib/counter.jar", "entryClass": "CounterJob", "parallelism": json.Number("2"),
			"state": "running", "upgradeMode": "savepoint",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the effective specification differs (-want +got):\n%s", diff)
	}
}
