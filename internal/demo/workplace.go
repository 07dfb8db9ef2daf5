package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// workplace is the folder of the user's cache in which everything happens, and the project that is shown.
type workplace struct {
	root   string // of the project
	folder string
}

func newWorkplace() (*workplace, error) {
	root, err := devprocess.Root()
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("finding the user's cache folder: %w", err)
	}
	parent := filepath.Join(cache, "terraform-provider-flink")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, "demo-")
	if err != nil {
		return nil, err
	}
	return &workplace{root: root, folder: folder}, nil
}

// path is a file or folder of the workplace.
func (w *workplace) path(name string) string { return filepath.Join(w.folder, name) }

func (w *workplace) remove() error { return os.RemoveAll(w.folder) }
