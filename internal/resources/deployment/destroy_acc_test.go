package deployment_test

import (
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

func TestAccDeletionProtection(t *testing.T) {
	f, c := newFixture(t, "1.15"), newCLI(t)
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
	for _, row := range []struct {
		name    string
		values  attributes
		planned string
		done    string
	}{
		{"with a savepoint", nil, `The job "orders" will be stopped with a savepoint and destroyed`, `The state of "orders" is kept in ` + savepoints},
		{"without", attributes{"savepoint_on_destroy": "false"}, `The job "orders" will be destroyed without a savepoint`, ""},
		{"without a directory", attributes{"flink_configuration": `{ "taskmanager.numberOfTaskSlots" = 2 }`}, `The job "orders" will be destroyed without a savepoint`, ""},
		{"suspended", attributes{"job": job(`state = "suspended"`)}, "", `The state of "orders" is kept in ` + savepoints},
	} {
		for _, operator := range acctest.Operators {
			t.Run(row.name+"/"+operator, func(t *testing.T) {
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
	f, c := newFixture(t, "1.15"), newCLI(t)
	fails := attributes{"job": job(`args = ["--fail-after", "400"]`)}
	c.write(f.config(fails))
	c.start("apply", "-auto-approve", "-input=false").wait(t)
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

// TestAccReplace gives the deployment another name or namespace.
func TestAccReplace(t *testing.T) {
	f, c := newFixture(t, "1.15"), newCLI(t)
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
		expectActions(t, c.plan(), tfjson.ActionUpdate)
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
