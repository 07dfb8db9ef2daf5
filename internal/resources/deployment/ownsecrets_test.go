package deployment_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// secretive is a memory that keeps Secrets.
type secretive struct {
	memory
	// secrets are the values of the key of these tests by the names of the Secrets.
	secrets map[string]string
	// refuses fails a write of the deployment, and stuck the deletion of Secrets.
	refuses, stuck error
	// of is for what the last Secret was written.
	of platform.OwnSecret
}

func (m *secretive) KeepSecret(_ context.Context, _ platform.Ref, secret platform.OwnSecret) error {
	m.of = secret
	m.secrets[secret.Name] = secret.Values["s3.secret-key"]
	return nil
}

func (m *secretive) DiscardSecret(ctx context.Context, _ platform.Ref, name string, failed error) error {
	if !errors.Is(failed, m.refuses) || ctx.Err() != nil {
		m.t.Errorf("what %q has left is discarded for %v: %v", name, failed, ctx.Err())
	}
	delete(m.secrets, name)
	return m.stuck
}

func (m *secretive) DropSecrets(_ context.Context, _ platform.Ref, except ...string) error {
	if m.stuck == nil {
		maps.DeleteFunc(m.secrets, func(name, _ string) bool { return !slices.Contains(except, name) })
	}
	return m.stuck
}

func (m *secretive) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	if m.refuses != nil {
		return nil, m.refuses
	}
	return m.memory.Begin(ctx, change)
}

func (m *secretive) Delete(context.Context, platform.Ref, platform.DeleteOptions) (platform.Deleted, error) {
	return platform.Deleted{}, nil
}

// left are the versions whose Secrets there are.
func (m *secretive) left() string {
	var versions []string
	for name := range m.secrets {
		versions = append(versions, strings.TrimPrefix(name, "orders-secret-configuration-"))
	}
	slices.Sort(versions)
	return strings.Join(versions, " ")
}

// destroy deletes the resource.
func (c *core) destroy() {
	c.t.Helper()
	answer, err := c.server.ApplyResourceChange(c.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: c.dynamic(c.state), PlannedState: c.dynamic(tftypes.NewValue(c.of, nil)), PlannedPrivate: c.private, Config: c.dynamic(tftypes.NewValue(c.of, nil)),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.fine(answer.Diagnostics)
}

// versioned is the configuration of the tests with values of a version, 0 for none.
func (c *core) versioned(version int, more string) *tftypes.Value {
	c.t.Helper()
	if version > 0 {
		more += fmt.Sprintf(`"secret_configuration_wo": {"s3.secret-key": "value %d"}, "secret_configuration_wo_version": %d,`, version, version)
	}
	return c.config(strings.Replace(orders, `"name"`, more+` "name"`, 1))
}

const submitted = `"wait_for": "submitted",`

// TestNoSecretIsLeftBehind takes the values away in an apply that does not end
// well, or gives them in one that does not: the next that does, or the destroy,
// deletes the Secret that no state names.
func TestNoSecretIsLeftBehind(t *testing.T) {
	t.Parallel()
	failed, rolledBack := &platform.RolloutError{Summary: "no"}, &platform.RolloutError{Summary: "no", RolledBack: true}
	for _, test := range []struct {
		name string
		// from and to are the versions of the create and of the update.
		from, to int
		more     string
		// refuses, wait and stuck fail the write, the wait and the deletion.
		refuses, wait, stuck error
		// left is there after the update, and then after one more.
		left, then string
	}{
		{name: "all is well", from: 1},
		{name: "another version", from: 1, to: 2, left: "2", then: "2"},
		{name: "the wait fails", from: 1, wait: failed, left: "1"},
		{name: "the wait for another version fails", from: 1, to: 2, wait: failed, left: "1 2", then: "2"},
		{name: "nobody waits", from: 1, more: submitted, left: "1"},
		{name: "nobody waits for another version", from: 1, to: 2, more: submitted, left: "1 2", then: "2"},
		{name: "the Secret cannot be deleted", from: 1, stuck: errors.New("denied"), left: "1"},
		{name: "the first values are rolled back", to: 1, wait: rolledBack, left: "1"},
		{name: "the first values are refused", to: 1, refuses: errors.New("denied"), left: "1"},
		{name: "the next values are rolled back", from: 1, to: 2, wait: rolledBack, left: "1 2", then: "1"},
	} {
		for _, destroyed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/destroyed %t", test.name, destroyed), func(t *testing.T) {
				t.Parallel()
				m := &secretive{memory: memory{t: t}, secrets: map[string]string{}}
				c := newCore(t, m)
				c.apply(c.versioned(test.from, test.more))
				m.refuses, m.fails, m.stuck = test.refuses, test.wait, test.stuck
				told := c.try(c.versioned(test.to, test.more))
				if got := m.left(); got != test.left {
					t.Errorf("after the update there is %q, want %q: %v", got, test.left, told)
				}
				m.refuses, m.fails, m.stuck = nil, nil, nil
				if destroyed {
					c.destroy()
					if got := m.left(); got != "" {
						t.Errorf("after the destroy there is %q", got)
					}
					return
				}
				next := test.to
				if errors.Is(test.wait, rolledBack) || test.refuses != nil {
					next = test.from
				}
				c.refresh()
				c.apply(c.versioned(next, test.more+`"restart_triggers": {"a": "b"},`))
				if got := m.left(); got != test.then {
					t.Errorf("after the next update there is %q, want %q", got, test.then)
				}
				var private map[string][]byte
				if err := json.Unmarshal(c.private, &private); err != nil {
					t.Fatal(err)
				}
				if own := string(private["deployment"]); strings.Contains(own, `"secrets":true`) != (test.then != "") {
					t.Errorf("the private state is %s", own)
				}
			})
		}
	}
}

// TestACreateThatFailedTakesItsSecretWithIt: no state has the deployment, so
// nobody else would.
func TestACreateThatFailedTakesItsSecretWithIt(t *testing.T) {
	t.Parallel()
	m := &secretive{memory: memory{t: t}, secrets: map[string]string{}, refuses: errors.New("denied")}
	c := newCore(t, m)
	c.fails(c.versioned(1, ""))
	if len(m.secrets) > 0 || !m.of.Create {
		t.Errorf("there are %v, written for %+v", m.secrets, m.of)
	}
	m.refuses = nil
	c.apply(c.versioned(1, ""))
	if diff := cmp.Diff(map[string]string{"orders-secret-configuration-1": "value 1"}, m.secrets); diff != "" {
		t.Error(diff)
	}
}

// TestTheSecretOfAnUpdateIsThatOfThePlannedDeployment: who keeps it can tell
// whether it is another one by now.
func TestTheSecretOfAnUpdateIsThatOfThePlannedDeployment(t *testing.T) {
	t.Parallel()
	m := &secretive{memory: memory{t: t}, secrets: map[string]string{}}
	c := newCore(t, m)
	c.apply(c.versioned(0, ""))
	c.apply(c.versioned(1, ""))
	if m.of.Create || m.of.UID != "u" {
		t.Errorf("the Secret was written for %+v", m.of)
	}
}
