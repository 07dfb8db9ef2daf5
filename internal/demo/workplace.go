package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const devclusterModule = "internal/devcluster"

// workplace is the folder of the user's cache in which everything happens, and the project that is shown.
type workplace struct {
	root   string // of the project
	folder string
}

func newWorkplace() (*workplace, error) {
	root, err := projectRoot()
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

// projectRoot is the folder with the provider's main package, at or above the working folder.
func projectRoot() (string, error) {
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := working; ; dir = filepath.Dir(dir) {
		switch _, err := os.Stat(filepath.Join(dir, devclusterModule, "go.mod")); {
		case err == nil:
			return dir, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("run the demo inside the provider's source tree; there is no %s above %s", devclusterModule, working)
		}
	}
}

// path is a file or folder of the workplace.
func (w *workplace) path(name string) string { return filepath.Join(w.folder, name) }

func (w *workplace) remove() error { return os.RemoveAll(w.folder) }
