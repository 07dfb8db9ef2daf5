//go:build !linux

package controlplane

import "syscall"

// childAttributes is empty where no parent-death signal exists; there the owner has to end its children, which the
// devcluster command does when its standard input ends.
func childAttributes() *syscall.SysProcAttr { return nil }
