// Package clowd is a stand-in of Clowder: its custom resource definitions, and a controller that does
// what the real one was seen to do with a ClowdEnvironment and a ClowdApp. Pods are played, as no node is
// there:
//
//   - an image whose tag begins with "nope" cannot be pulled;
//   - an argument --fail-start lets the container end again and again;
//   - an argument --slow-start takes ten steps until the job runs.
//
// It does what its counterpart was seen to do on the main branch of July 2026, the odd things above all: the whole
// object written back with its finalizer, `ready` while reconciliation fails, applications without a
// status where their environment is missing, and topics that outlive their application and go with their
// environment.
package clowd
