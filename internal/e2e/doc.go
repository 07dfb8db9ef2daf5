// Package e2e tries the provider on a real cluster, with the real operator and
// real Flink jobs. Its tests have the build tag e2e; `make e2e` runs them
// against the cluster of KUBECONFIG, else against the project's own one-node
// cluster. They need the images of that cluster: flink:1.18, and where the operator
// takes them flink:1.20 and flink:2.3, all with the jobs CounterJob and StateJob in
// /opt/flink/usrlib/counter.jar, and all also as payments-ingest and
// payments-scoring, with the jobs of the example payments in
// /opt/flink/job/payments.jar.
package e2e
