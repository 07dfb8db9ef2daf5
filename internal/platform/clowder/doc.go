// Package clowder runs stream applications by Clowder: an application is a ClowdApp, and each
// of its streamlets one entry of that. An environment is a ClowdEnvironment, which is in no
// namespace; its applications are in the one that it names.
package clowder
