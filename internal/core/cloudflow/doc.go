// Package cloudflow is what Lightbend Cloudflow means: the descriptor of an application, the Secrets
// that its streamlets read, what its operator's status says, and what becomes of a specification
// there. It is pure. Where a rule comes from outside, it is from the sources of Cloudflow 2.3.
package cloudflow
