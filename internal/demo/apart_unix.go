//go:build unix

package main

import "syscall"

// apart keeps a terminal's interrupt away from a child.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
