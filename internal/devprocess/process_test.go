package devprocess

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// roleVariable makes this binary a program that says what devcluster might.
const roleVariable = "FLINK_TEST_DEVPROCESS"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if role == "fails" {
		os.Exit(1)
	}
	if role == "garbled" {
		fmt.Println("ready")
	}
	if role == "works" {
		fmt.Println(`{"endpoint":"here"}`)
	}
	// What is silent lives as long as its input, too.
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Printf(`{"ok":%t,"error":"no %s"}`+"\n", lines.Text() == "check", lines.Text())
	}
	os.Exit(0)
}

// program is this binary in a role.
func program(t *testing.T, role string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

func TestProcess(t *testing.T) {
	t.Parallel()
	var ready struct{ Endpoint string }
	p, err := Start(t.Context(), program(t, "works"), &ready)
	if err != nil {
		t.Fatal(err)
	}
	if ready.Endpoint != "here" {
		t.Errorf("it is ready at %q", ready.Endpoint)
	}
	if err := p.Command("check"); err != nil {
		t.Error(err)
	}
	err = p.Command("dance")
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Error() != "dance: no dance" {
		t.Errorf("got %v", err)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if err := p.Command("check"); err == nil {
		t.Error("a program that has ended answers")
	}
}

// TestStartFails has programs that never become ready; what was started is gone then.
func TestStartFails(t *testing.T) {
	t.Parallel()
	for role, test := range map[string]struct {
		cancel bool
		want   string
	}{
		"fails":   {false, "exit status 1"},
		"garbled": {false, `devcluster answered "ready"`},
		"silent":  {true, context.Canceled.Error()},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.cancel {
				cancel()
			}
			cmd := program(t, role)
			_, err := Start(ctx, cmd, &struct{}{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
			if cmd.ProcessState == nil {
				t.Error("the program was not waited for")
			}
		})
	}
}
