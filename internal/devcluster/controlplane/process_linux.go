package controlplane

import "syscall"

// childAttributes has the kernel kill a child with its parent, and keeps a terminal's interrupt away from it: the
// owner decides when the control plane ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
