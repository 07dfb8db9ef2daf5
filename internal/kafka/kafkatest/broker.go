// Package kafkatest is the real broker that tests run beside, started by
// internal/devcluster/real/broker, whose head says what it offers.
package kafkatest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Broker is the broker of a test run.
type Broker struct {
	// Open, SASL, TLS and SASLTLS are its listeners, as host:port.
	Open, SASL, TLS, SASLTLS string
	// Password is that of the users admin, who may do everything, and limited, who may do
	// nothing.
	Password string

	folder string
}

// Find is the broker that the environment names. A test that needs one fails without it.
func Find(t *testing.T) Broker {
	t.Helper()
	named := func(variable string) string {
		value := os.Getenv("FLINK_TEST_KAFKA" + variable)
		if value == "" {
			t.Fatalf("FLINK_TEST_KAFKA%s names no broker; run this by `make kafka`", variable)
		}
		return value
	}
	return Broker{Open: named(""), SASL: named("_SASL"), TLS: named("_TLS"), SASLTLS: named("_SASL_TLS"), Password: named("_PASSWORD"), folder: named("_FOLDER")}
}

// File is the content of one of its files, for example "ca.pem".
func (b Broker) File(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Kill ends the broker as a crash does, and keeps it down until the function that it returns
// is called, at the latest with the end of the test.
func (b Broker) Kill(t *testing.T) (restart func()) {
	t.Helper()
	hold := filepath.Join(b.folder, "hold")
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	restart = func() { _ = os.Remove(hold) }
	t.Cleanup(restart)
	id, err := strconv.Atoi(strings.TrimSpace(b.File(t, "pid")))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); process.Signal(syscall.Signal(0)) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the broker with the process id %d does not end", id)
		}
	}
	return restart
}
