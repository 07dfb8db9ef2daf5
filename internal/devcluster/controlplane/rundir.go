package controlplane

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// runDir is the temporary folder of one control plane. It is locked as long as its owner lives, so that a later start
// can tell the folders of owners that were killed and remove them.
type runDir struct {
	path string
	lock *flock.Flock
}

// runParent is short on purpose: the path of a Unix socket in it may have 104 bytes on some systems.
func runParent() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("devcluster-%d", os.Getuid()))
}

// newRunDir makes a folder for a control plane and removes the ones whose owners are gone.
func newRunDir(parent string) (*runDir, error) {
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("creating the folder for control planes: %w", err)
	}
	// Under one lock for all, because between its creation and its lock a folder looks abandoned.
	all := flock.New(filepath.Join(parent, "lock"))
	if err := all.Lock(); err != nil {
		return nil, fmt.Errorf("locking %s: %w", parent, err)
	}
	defer func() { _ = all.Unlock() }()
	sweep(parent)
	path, err := os.MkdirTemp(parent, "run-")
	if err != nil {
		return nil, fmt.Errorf("creating the folder of the control plane: %w", err)
	}
	dir := &runDir{path: path, lock: flock.New(path + ".lock")}
	if err := dir.lock.Lock(); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return dir, nil
}

// sweep removes the folders that nobody holds. What cannot be removed now is left to the next start.
func sweep(parent string) {
	locks, _ := filepath.Glob(filepath.Join(parent, "run-*.lock"))
	for _, name := range locks {
		lock := flock.New(name)
		if held, err := lock.TryLock(); err != nil || !held {
			continue
		}
		(&runDir{path: strings.TrimSuffix(name, ".lock"), lock: lock}).remove()
	}
}

func (d *runDir) remove() {
	_ = os.RemoveAll(d.path)
	_ = os.Remove(d.lock.Path())
	_ = d.lock.Unlock()
}

// socket names a Unix socket in the folder.
func (d *runDir) socket(name string) string { return "unix://" + filepath.Join(d.path, name) }

func (d *runDir) file(name string) string { return filepath.Join(d.path, name) }
