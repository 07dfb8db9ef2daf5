// Package controlplane runs a Kubernetes control plane (etcd, kube-apiserver and kube-controller-manager) as child
// processes, for tests and demonstrations that need the real API machinery but no node.
//
// The binaries are built from their Go modules (folder kubernetes beside this package) and kept in the user's cache
// folder, so a machine needs Go and nothing else. A control plane listens on 127.0.0.1 only, keeps its data in a
// temporary folder and is meant to be thrown away: etcd does not sync to disk and the admission plugins that need a
// cluster around them have nothing to do.
package controlplane
