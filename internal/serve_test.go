package internal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestManifestNamesTheServedProtocol starts the provider the way a CLI does, offers it every protocol there is, and
// compares the one that it answers with to the one that the registry tells its users.
func TestManifestNamesTheServedProtocol(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "terraform-registry-manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Version != 1 {
		t.Errorf("version = %d, want 1, the only version of the manifest's format", manifest.Version)
	}
	if want := []string{servedProtocol(t) + ".0"}; !slices.Equal(manifest.Metadata.ProtocolVersions, want) {
		t.Errorf("protocol_versions = %v, but the provider serves %v", manifest.Metadata.ProtocolVersions, want)
	}
}

// servedProtocol is the major version of the plugin protocol that main serves, from the line that a plugin prints when it
// is ready: CORE-PROTOCOL|PROTOCOL|NETWORK|ADDRESS|TYPE|CERTIFICATE.
func servedProtocol(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "provider")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, out)
	}
	provider := exec.CommandContext(t.Context(), binary)
	provider.Env = append(os.Environ(),
		// The value by which a provider knows that a CLI started it and not a person.
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS=4,5,6",
	)
	var stderr bytes.Buffer
	provider.Stderr = &stderr
	stdout, err := provider.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// It serves until it is killed, so neither result says anything.
		_ = provider.Process.Kill()
		_ = provider.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = provider.Wait()
		t.Fatalf("the provider ended before it was ready: %v\n%s", err, &stderr)
	}
	fields := strings.Split(line, "|")
	if len(fields) < 5 {
		t.Fatalf("not the line of a ready plugin: %q", line)
	}
	return fields[1]
}
