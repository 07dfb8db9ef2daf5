package acctest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// planned returns the effective specifications of a plan by the address of their deployment.
func (u user) planned(t *testing.T, dir string) map[string]flink.Tree {
	t.Helper()
	u.must(t, dir, "plan", "-no-color", "-input=false", "-out=test.tfplan")
	var plan struct {
		Changes []plannedChange `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(u.must(t, dir, "show", "-json", "test.tfplan")), &plan); err != nil {
		t.Fatal(err)
	}
	specs := map[string]flink.Tree{}
	for _, change := range plan.Changes {
		text := change.Change.After.EffectiveSpec
		if text == "" {
			continue
		}
		spec, err := flink.ParseTree([]byte(text))
		if err != nil {
			t.Fatalf("effective_spec of %s is %q: %s", change.Address, text, err)
		}
		specs[change.Address] = spec
	}
	return specs
}

// TestAccOneModuleThreeEnvironments plans one module for three environments: what differs comes from them alone. That
// the example can be applied, TestAccExamples shows.
func TestAccOneModuleThreeEnvironments(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, _ := exampleFolders(t)
	u := newUser(t)
	dir := copied(t, root, "scenarios/one-module-three-environments")
	u.must(t, dir, "get")
	specs := u.planned(t, dir)

	for environment, test := range map[string]struct {
		image         string
		configuration flink.Tree
		jobManager    string
		taskManager   string
		labels        flink.Tree
		template      string
	}{
		"dev": {
			image:         "localhost:5000/shop:1.5.0-rc1",
			configuration: flink.Tree{"state.checkpoints.dir": "file:///flink-state/checkpoints", "state.savepoints.dir": "file:///flink-state/savepoints"},
			jobManager:    `{"resource":{"cpu":0.25,"memory":"1g"}}`,
			taskManager:   `{"replicas":1,"resource":{"cpu":0.5,"memory":"1g"}}`,
			labels:        flink.Tree{"app": "shop"},
			template:      `{"spec":{"tolerations":[{"key":"gpu","operator":"Exists"}]}}`,
		},
		"staging": {
			image: "registry.staging.example.com/shop:1.5.0-rc1",
			configuration: flink.Tree{
				"state.checkpoints.dir": "s3://shop-staging/checkpoints", "state.savepoints.dir": "s3://shop-staging/savepoints",
				"web.cancel.enable": "false",
			},
			jobManager:  `{"resource":{"cpu":0.5,"memory":"1g"}}`,
			taskManager: `{"resource":{"cpu":1,"memory":"2g"}}`,
			labels:      flink.Tree{"app": "shop", "stage": "staging"},
			template:    `{"spec":{"tolerations":[{"key":"gpu","operator":"Exists"}]}}`,
		},
		"prod": {
			image: "registry.example.com/shop:1.4.2",
			configuration: flink.Tree{
				"state.checkpoints.dir": "s3://shop/checkpoints", "state.savepoints.dir": "s3://shop/savepoints",
				"high-availability.type": "kubernetes", "high-availability.storageDir": "s3://shop/ha",
				"web.cancel.enable": "false", "execution.checkpointing.interval": "60 s",
			},
			jobManager:  `{"replicas":2,"resource":{"cpu":1,"memory":"2g"}}`,
			taskManager: `{"resource":{"cpu":4,"memory":"16g"}}`,
			labels:      flink.Tree{"app": "shop", "stage": "prod", "cost-center": "4711"},
			template: `{"spec":{"nodeSelector":{"pool":"flink"},"tolerations":[{"key":"gpu","operator":"Exists"},` +
				`{"effect":"NoSchedule","key":"dedicated","operator":"Equal","value":"flink"}]}}`,
		},
	} {
		t.Run(environment, func(t *testing.T) {
			job := func(class, parallelism string) flink.Tree {
				return flink.Tree{
					"jarURI": "local:///opt/flink/usrlib/shop.jar", "entryClass": "com.example.shop." + class, "parallelism": json.Number(parallelism),
					"state": "running", "upgradeMode": "savepoint",
				}
			}
			common := func() flink.Tree {
				return flink.Tree{
					"image": test.image, "flinkVersion": "v1_20", "serviceAccount": "flink",
					"jobManager": tree(t, test.jobManager), "taskManager": tree(t, test.taskManager),
					"metadata": flink.Tree{"labels": test.labels},
				}
			}
			orders := common()
			orders["job"] = job("Orders", "4")
			orders["flinkConfiguration"] = flink.Tree{"taskmanager.numberOfTaskSlots": "2", "execution.checkpointing.interval": "5 min"}
			maps.Copy(orders["flinkConfiguration"].(flink.Tree), test.configuration)
			if environment == "prod" {
				orders["podTemplate"] = tree(t, `{"spec":{"nodeSelector":{"pool":"flink"},"tolerations":[{"effect":"NoSchedule","key":"dedicated","operator":"Equal","value":"flink"}]}}`)
			}
			recommendations := common()
			recommendations["job"] = job("Recommendations", "2")
			recommendations["flinkConfiguration"] = test.configuration
			recommendations["podTemplate"] = tree(t, test.template)
			for name, want := range map[string]flink.Tree{"orders": orders, "recommendations": recommendations} {
				got := specs[fmt.Sprintf("module.shop[%q].flink_deployment.%s", environment, name)]
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func tree(t *testing.T, text string) flink.Tree {
	t.Helper()
	parsed, err := flink.ParseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestAccOneModuleTwoPlatforms plans one module for the operator and for Ververica Platform: the job is the same, and what
// differs comes from the environments alone. That the example can be applied, TestAccExamples shows.
func TestAccOneModuleTwoPlatforms(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, _ := exampleFolders(t)
	u := newUser(t)
	dir := copied(t, root, "scenarios/one-module-two-platforms")
	u.must(t, dir, "get")
	specs := u.planned(t, dir)
	for environment, own := range map[string]string{
		"staging": `{"image":"registry.staging.example.com/payroll:1.5.0-rc1","serviceAccount":"flink","metadata":{"labels":{"app":"payroll"}}}`,
		"prod":    `{"image":"registry.example.com/payroll:1.4.2","ververica":{"maxJobCreationAttempts":2},"metadata":{"labels":{"app":"payroll","cost-center":"4711"}}}`,
	} {
		got := specs[fmt.Sprintf("module.payroll[%q].flink_deployment.salaries", environment)]
		job := flink.Tree{
			"jarURI": "local:///opt/flink/usrlib/payroll.jar", "entryClass": "com.example.payroll.Salaries", "args": []any{"--currency", "EUR"},
			"parallelism": json.Number("2"), "state": "running", "upgradeMode": "savepoint",
		}
		if diff := cmp.Diff(job, got["job"]); diff != "" {
			t.Errorf("%s has another job (-want +got):\n%s", environment, diff)
		}
		differs := flink.Tree{}
		for _, field := range []string{"image", "serviceAccount", "ververica", "metadata"} {
			if value, has := got[field]; has {
				differs[field] = value
			}
		}
		if diff := cmp.Diff(tree(t, own), differs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", environment, diff)
		}
	}
}

// plannedApplication is what a plan says of a stream application.
type plannedApplication struct {
	Address string `json:"address"`
	Change  struct {
		After struct {
			Streamlets    any               `json:"streamlets"`
			Topics        any               `json:"topics"`
			EffectiveSpec map[string]string `json:"effective_spec"`
			Rollout       map[string]struct {
				Action  string   `json:"action"`
				Because []string `json:"because"`
				State   string   `json:"state"`
				Summary string   `json:"summary"`
			} `json:"rollout"`
		} `json:"after"`
		AfterUnknown struct {
			// TopicStatus has the topics that the provider is going to make.
			TopicStatus map[string]any `json:"topic_status"`
		} `json:"after_unknown"`
	} `json:"change"`
}

// applications are those of a plan by their address.
func (u user) applications(t *testing.T, dir string, args ...string) map[string]plannedApplication {
	t.Helper()
	u.must(t, dir, append([]string{"plan", "-no-color", "-input=false", "-out=test.tfplan"}, args...)...)
	var plan struct {
		Changes []json.RawMessage `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(u.must(t, dir, "show", "-json", "test.tfplan")), &plan); err != nil {
		t.Fatal(err)
	}
	out := map[string]plannedApplication{}
	for _, raw := range plan.Changes {
		var change plannedApplication
		if json.Unmarshal(raw, &change) == nil && change.Change.After.Streamlets != nil {
			out[change.Address] = change
		}
	}
	return out
}

// TestAccOneBlueprintThreeEnvironments plans one application for three environments: it is the same everywhere, and the
// environment decides who makes its topics and what its pods get to log in. That the example can be applied,
// TestAccExamples shows.
func TestAccOneBlueprintThreeEnvironments(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, _ := exampleFolders(t)
	u := newUser(t)
	dir := copied(t, root, "scenarios/one-blueprint-three-environments")
	u.must(t, dir, "get")
	applications := u.applications(t, dir)
	of := func(environment string) plannedApplication {
		t.Helper()
		found, has := applications[fmt.Sprintf("module.clicks[%q].flink_stream_application.clicks", environment)]
		if !has {
			t.Fatalf("the plan has no application in %s, but %v", environment, slices.Sorted(maps.Keys(applications)))
		}
		return found
	}
	for environment, want := range map[string]struct {
		makes, secrets []string
	}{
		"dev":     {makes: []string{"clicks"}},
		"staging": {makes: []string{"clicks"}},
		"prod":    {secrets: []string{"kafka-access", "kafka-ca"}},
	} {
		is := of(environment).Change
		if diff := cmp.Diff(of("dev").Change.After.Streamlets, is.After.Streamlets); diff != "" {
			t.Errorf("%s has other streamlets than dev (-dev +%s):\n%s", environment, environment, diff)
		}
		if diff := cmp.Diff(of("dev").Change.After.Topics, is.After.Topics); diff != "" {
			t.Errorf("%s has other topics than dev (-dev +%s):\n%s", environment, environment, diff)
		}
		if made := slices.Sorted(maps.Keys(is.AfterUnknown.TopicStatus)); !slices.Equal(made, want.makes) {
			t.Errorf("in %s the provider makes the topics %q, want %q", environment, made, want.makes)
		}
		// The first source is the application document.
		if got := mounted(t, is.After.EffectiveSpec["count"]); len(got) == 0 || !slices.Equal(got[1:], want.secrets) {
			t.Errorf("in %s the pods of count get the Secrets %q, want %q after that of the document", environment, got, want.secrets)
		}
	}
}

// TestAccOneBlueprintOnEachPlatform takes one application through its life on each platform at once: the blueprint is the
// same on all of them, and a change of one streamlet moves that one alone.
func TestAccOneBlueprintOnEachPlatform(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	root, _ := exampleFolders(t)
	u := newUser(t)
	dir := copied(t, root, "scenarios/one-blueprint-on-each-platform")
	u.must(t, dir, "get")
	// Where the platform takes no savepoint, a job goes on from its last checkpoint.
	action := func(platform string) string {
		if platform == "clowder" {
			return "last_state_upgrade"
		}
		return "savepoint_upgrade"
	}
	platforms := []string{"operator", "confluent", "ververica", "cloudflow", "clowder"}
	of := func(all map[string]plannedApplication, platform string) plannedApplication {
		t.Helper()
		found, has := all[fmt.Sprintf("module.clicks[%q].flink_stream_application.clicks", platform)]
		if !has || len(all) != len(platforms) {
			t.Fatalf("the plan has no application on %s, but %v", platform, slices.Sorted(maps.Keys(all)))
		}
		return found
	}
	offline := u.applications(t, dir)
	for _, platform := range platforms {
		is, want := of(offline, platform).Change.After, of(offline, platforms[0]).Change.After
		if diff := cmp.Diff(want.Streamlets, is.Streamlets); diff != "" {
			t.Errorf("%s has other streamlets (-%s +%s):\n%s", platform, platforms[0], platform, diff)
		}
		if diff := cmp.Diff(want.Topics, is.Topics); diff != "" {
			t.Errorf("%s has other topics (-%s +%s):\n%s", platform, platforms[0], platform, diff)
		}
	}
	env, cluster, _ := everywhere(t)
	u.env = append(u.env, env...)
	cloudflow := acctest.Cloudflow(t, cluster)
	// The stand-in of Cloudflow's operator is in a namespace of its own, and looks at those that say so.
	here := fmt.Sprintf("resource \"flink_environment\" \"cloudflow\" {\n  cloudflow = { service_account = \"flink\", operator_namespace = %q, labels = %s }\n}\n", cloudflow.OperatorNamespace, cloudflow.Labels())
	if err := os.WriteFile(filepath.Join(dir, "here_override.tf"), []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve")
	defer u.must(t, dir, "destroy", "-no-color", "-input=false", "-auto-approve")
	unchanged := func(args ...string) {
		t.Helper()
		if text, code := u.run(t, dir, append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, args...)...); code != 0 {
			t.Errorf("the plan after the apply is not empty (exit code %d):\n%s", code, text)
		}
	}
	unchanged()
	const window = "-var=window=5 min"
	changed := u.applications(t, dir, window)
	for _, platform := range platforms {
		rollout := of(changed, platform).Change.After.Rollout
		count, collect := rollout["count"], rollout["collect"]
		if want := action(platform); count.Action != want || count.State != "kept" || !slices.Equal(count.Because, []string{`config["window"]`}) || collect.Summary != "#1 create" {
			t.Errorf("on %s a change of one streamlet is planned as %+v, want %s", platform, rollout, want)
		}
	}
	u.must(t, dir, "apply", "-no-color", "-input=false", "-auto-approve", window)
	unchanged(window)
}

// mounted are the Secrets that the pods of a specification get in their one volume, in order.
func mounted(t *testing.T, effectiveSpec string) []string {
	t.Helper()
	var spec struct {
		PodTemplate struct {
			Spec struct {
				Volumes []struct {
					Projected struct {
						Sources []struct {
							Secret struct {
								Name string `json:"name"`
							} `json:"secret"`
						} `json:"sources"`
					} `json:"projected"`
				} `json:"volumes"`
			} `json:"spec"`
		} `json:"podTemplate"`
	}
	if err := json.Unmarshal([]byte(effectiveSpec), &spec); err != nil || len(spec.PodTemplate.Spec.Volumes) != 1 {
		t.Fatalf("the effective specification %s has not one volume: %v", effectiveSpec, err)
	}
	var names []string
	for _, source := range spec.PodTemplate.Spec.Volumes[0].Projected.Sources {
		names = append(names, source.Secret.Name)
	}
	return names
}
