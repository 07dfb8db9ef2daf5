package controlplane

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"k8s.io/client-go/rest"
)

// Version is the Kubernetes release that the control plane is built from. It names the cache folder and is what the
// apiserver reports as its version; the requirement in kubernetes/go.mod decides what is compiled.
const Version = "v1.36.3"

// Options says how to start a control plane. The zero value is valid.
type Options struct {
	// BinaryDir is where the binaries are looked for and built into. Empty means the folder DefaultBinaryDir returns.
	BinaryDir string
	// SourceDir is the folder of the tool module that the binaries are built from. Empty means the folder kubernetes
	// of the source tree that this package was compiled from.
	SourceDir string
	// Log receives progress and the durations of the start. Nil means no log.
	Log *slog.Logger
	// Prepare runs once the apiserver serves and before the controller manager starts. Custom resource definitions
	// belong here: the garbage collector finds kinds that come later only with its next look at discovery, up to 30
	// seconds later.
	Prepare func(ctx context.Context, config *rest.Config) error
}

// DefaultBinaryDir is the folder in the user's cache where built binaries are kept, one folder for each Version.
func DefaultBinaryDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache folder: %w", err)
	}
	return filepath.Join(cache, "terraform-provider-flink", "kubernetes-"+Version), nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BinaryDir == "" {
		dir, err := DefaultBinaryDir()
		if err != nil {
			return o, err
		}
		o.BinaryDir = dir
	}
	if o.SourceDir == "" {
		_, file, _, ok := runtime.Caller(0)
		if !ok {
			return o, errors.New("the folder of the Kubernetes tool module is not known: the program carries no file names")
		}
		o.SourceDir = filepath.Join(filepath.Dir(filepath.Dir(file)), "kubernetes")
	}
	return o, nil
}
