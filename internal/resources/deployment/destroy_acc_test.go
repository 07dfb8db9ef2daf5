package deployment_test

import (
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

func TestAccDeletionProtection(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"deletion_protection": "true"}))
	c.apply()
	uid := f.live().GetUID()
	for _, refused := range []func() string{
		func() string {
			code, output := c.start("destroy", "-auto-approve", "-input=false").wait(t)
			if code == 0 {
				t.Error("a protected deployment can be destroyed")
			}
			return output
		},
		func() string { c.write(""); return c.fails() },
		func() string {
			c.write(f.config(attributes{"deletion_protection": "true"}))
			code, output := c.start("apply", "-replace="+address, "-auto-approve", "-input=false").wait(t)
			if code == 0 {
				t.Error("a protected deployment can be replaced by -replace")
			}
			return output
		},
		func() string {
			c.write(f.config(attributes{"deletion_protection": "true", "name": `"invoices"`, "upgrade": "{ allow_state_loss = true }"}))
			return c.fails()
		},
	} {
		expectText(t, refused(), `The deployment "orders" is protected`)
	}
	if f.live().GetUID() != uid || operatorState(f.live()) != "RUNNING" {
		t.Error("the protected deployment was touched")
	}
	c.write(f.config(attributes{"deletion_protection": "false"}))
	c.apply()
	c.run("destroy", "-auto-approve", "-input=false")
	f.expectAbsent()
}

func TestAccDestroy(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		name    string
		values  attributes
		planned string
		done    string
	}{
		{"with a savepoint", nil, `The job "orders" will be destroyed, with a savepoint if it runs`, `The state of "orders" is kept in ` + savepoints},
		{"without", attributes{"savepoint_on_destroy": "false"}, `The job "orders" will be destroyed without a savepoint`, ""},
		{"without a directory", attributes{"flink_configuration": `{ "taskmanager.numberOfTaskSlots" = 2 }`}, `The job "orders" will be destroyed without a savepoint`, ""},
		{"suspended", attributes{"job": job(`state = "suspended"`)}, `The job "orders" will be destroyed, with a savepoint if it runs`, `The state of "orders" is kept in ` + savepoints},
	} {
		for _, operator := range acctest.Operators() {
			t.Run(row.name+"/"+operator, func(t *testing.T) {
				t.Parallel()
				if i > 0 {
					acctest.FirstCLIOnly(t)
				}
				f, c := newFixture(t, operator), newCLI(t)
				running := attributes{}
				for name, value := range row.values {
					if name != "job" {
						running[name] = value
					}
				}
				c.write(f.config(running))
				c.apply()
				c.write(f.config(row.values))
				c.apply()
				output := c.run("destroy", "-auto-approve", "-input=false")
				if row.planned != "" {
					expectText(t, output, row.planned)
				}
				if row.done != "" {
					expectText(t, output, row.done)
				} else if words("is kept in").MatchString(output) {
					t.Errorf("a savepoint was taken:\n%s", output)
				}
				f.expectAbsent()
			})
		}
	}
}

// TestAccDestroyOfAFailingJob can neither take a savepoint nor find an earlier
// one, so that the state of the job would be lost: it is refused until that is
// allowed.
func TestAccDestroyOfAFailingJob(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	// Nobody waits for the create, so it has not failed when the job does.
	fails := attributes{"job": job(`args = ["--fail-after", "400"]`), "wait_for": `"submitted"`}
	c.write(f.config(fails))
	c.apply()
	f.await("status.jobStatus.state", "FAILED")
	code, output := c.start("destroy", "-auto-approve", "-input=false").wait(t)
	if code == 0 {
		t.Fatalf("the destroy is not refused:\n%s", output)
	}
	expectText(t, output, `The deployment "orders" is not deleted, because the state of its job would be lost`)
	expectText(t, output, "A savepoint needs a running job, and the job was FAILED.")
	f.live()

	fails["upgrade"] = "{ allow_state_loss = true }"
	c.write(f.config(fails))
	c.apply()
	expectText(t, c.run("destroy", "-auto-approve", "-input=false"), "A savepoint needs a running job, and the job was FAILED.")
	f.expectAbsent()
}

// TestAccTaintedJobThatFailed corrects a tainted deployment whose job has run and
// failed: what the refusal to delete it says is what helps.
func TestAccTaintedJobThatFailed(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"job": job(`args = ["--fail-after", "400"]`), "wait_for": `"submitted"`}))
	c.apply()
	c.run("taint", address)
	f.await("status.jobStatus.state", "FAILED")
	uid := c.uid()
	c.write(f.config(attributes{"upgrade": "{ allow_state_loss = true }"}))
	output := c.fails()
	expectText(t, output, `The deployment "orders" is not deleted, because the state of its job would be lost`)
	expectText(t, output, "run `terraform untaint` on the resource, and apply what is to run")
	c.run("untaint", address)
	c.apply()
	if got := c.uid(); got != uid {
		t.Errorf("%s has become %s", uid, got)
	}
	c.expectNothingLeft()
	c.run("destroy", "-auto-approve", "-input=false")
	f.expectAbsent()
}

// TestAccDestroyOfWhatCannotBePlanned destroys a deployment whose configuration has
// an error: the plan that a CLI makes only to refresh the state ends no destroy.
func TestAccDestroyOfWhatCannotBePlanned(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		configured attributes
		tells      string
		commands   [][]string
	}{
		"a change that loses state": {
			attributes{"upgrade": `{ mode = "stateless" }`, "image": `"registry.example.com/orders:1.4.1"`},
			`This change drops the state of job "orders"`,
			[][]string{{"destroy", "-auto-approve", "-input=false"}},
		},
		"a replacement": {
			attributes{"name": `"invoices"`},
			`The state of "orders" would be lost`,
			[][]string{{"apply", "-destroy", "-auto-approve", "-input=false"}},
		},
		"no configuration of a deployment": {
			attributes{"name": `"Not A Name"`},
			"Not A Name",
			[][]string{{"plan", "-destroy", "-input=false", "-out=plan"}, {"apply", "plan"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, acctest.Newest()), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			// A create that is refused beside it, on which an output depends.
			c.write(f.config(row.configured) + strings.Replace(f.deployment(attributes{"name": `"Not A Name"`}), `"test"`, `"other"`, 1) +
				"output \"address\" {\n  value = flink_deployment.other.status.rest_url\n}\n")
			expectText(t, c.fails(), row.tells)
			var output string
			for _, command := range row.commands {
				output = c.run(command...)
			}
			expectText(t, output, `The state of "orders" is kept in `+savepoints)
			f.expectAbsent()
		})
	}
	t.Run("a destroy that cannot be told", func(t *testing.T) {
		t.Parallel()
		f, c := newFixture(t, acctest.Newest()), newCLI(t)
		c.write(f.config(nil))
		c.apply()
		c.write(f.config(attributes{"upgrade": `{ mode = "stateless" }`, "image": `"registry.example.com/orders:1.4.1"`}))
		c.Env = append(c.Env, "TF_CLI_ARGS_apply=-destroy")
		expectText(t, c.fails(), `This change drops the state of job "orders"`)
		c.Env[len(c.Env)-1] = "TF_CLI_ARGS_apply=-destroy -refresh=false"
		expectText(t, c.apply(), `The state of "orders" is kept in `+savepoints)
		f.expectAbsent()
	})
}

// TestAccReplace gives the deployment another name or namespace.
func TestAccReplace(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	elsewhere := f.cluster.Namespace(t)
	c.write(f.config(nil))
	c.apply()
	for _, refused := range []attributes{
		{"name": `"invoices"`},
		{"environment": `{ namespace = "` + elsewhere + `" }`},
	} {
		c.write(f.config(refused))
		expectText(t, c.fails(), `The state of "orders" would be lost`)
	}
	for _, named := range []attributes{
		{"environment": `{ namespace = "` + f.namespace + `", platform = "operator", name = "prod" }`},
	} {
		c.write(f.config(named))
		expectActions(t, c.plan(), tfjson.ActionNoop)
		c.apply()
		c.expectNothingLeft()
	}
	c.write(f.config(attributes{"name": `"invoices"`, "job": job(`initial_savepoint_path = "s3://flink/savepoints/mine"`)}))
	change := c.plan()
	expectActions(t, change, tfjson.ActionDelete, tfjson.ActionCreate)
	c.apply()
	f.expectAbsent()
	c.expectNothingLeft()
	c.write(f.config(attributes{"upgrade": "{ allow_state_loss = true }"}))
	expectText(t, c.apply(), `The state of "invoices" will be lost`)
	if got := f.start(); got.restoredFrom != "" || got.count != "1" {
		t.Errorf("the new deployment started %+v", got)
	}
	c.expectNothingLeft()
}
