// Package vvp is what Ververica Platform means: a deployment's specification as its
// Deployment and back, what it does about a change, and what its status and its events
// tell. It does no I/O.
//
// Its facts are those of the vendor's documentation of the versions 2.13 to 2.15 and 3.1
// and of the swagger of the Application Manager.
package vvp
