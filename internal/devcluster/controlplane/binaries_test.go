package controlplane_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
)

func TestBuild(t *testing.T) {
	t.Run("at the same time builds once", func(t *testing.T) {
		log := &logBuffer{}
		options := controlplane.Options{BinaryDir: filepath.Join(t.TempDir(), "new"), Log: log.logger()}
		var errs [3]error
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() { _, errs[i] = controlplane.Build(t.Context(), options, controlplane.Etcd) })
		}
		group.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		if builds := strings.Count(log.String(), "built etcd"); builds != 1 {
			t.Errorf("%d builds:\n%s", builds, log)
		}
		left, err := filepath.Glob(filepath.Join(options.BinaryDir, "*"))
		if err != nil || len(left) != 2 {
			t.Errorf("the folder has %v, want etcd and the lock (%v)", left, err)
		}
	})

	t.Run("an unknown program", func(t *testing.T) {
		_, err := controlplane.Build(t.Context(), controlplane.Options{BinaryDir: t.TempDir()}, "kube-dance")
		if err == nil || !strings.Contains(err.Error(), `"kube-dance"`) {
			t.Errorf("got the error %v", err)
		}
	})
}

// TestVersionIsTheModules keeps the name of the cache folder and what is compiled together.
func TestVersionIsTheModules(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "kubernetes", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*k8s\.io/kubernetes (\S+)`).FindSubmatch(content)
	if len(required) < 2 || string(required[1]) != controlplane.Version {
		t.Errorf("the tool module requires %s, the package says %s", required, controlplane.Version)
	}
}
