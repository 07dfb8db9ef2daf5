package acctest_test

import (
	"encoding/json"
	"fmt"
	"maps"
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
