// Package storm kills the provider's process at random moments, over and over: while it creates, updates, switches,
// rolls back, changes the form of, and destroys deployments on a control plane with the stand-in of the operator. After
// each kill the next apply has to succeed, and then nothing may be orphaned, doubled or lost. `make storm` runs many
// rounds, the tests some.
package storm
