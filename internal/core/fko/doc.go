// Package fko has what the Flink Kubernetes Operator means: which specifications it
// takes, what it does about a change, what its status and its messages say, where
// the state of a job is, when what was written runs and when it has failed. It
// reads objects and talks to nobody, so every platform that has this operator below
// can use it.
package fko
