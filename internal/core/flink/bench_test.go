package flink

import "testing"

// plannedSpec is a specification of usual size: what a plan compares a thousand
// times.
const plannedSpec = `
image: registry.example.com/orders:1.4.0
flinkVersion: v1_20
serviceAccount: flink
flinkConfiguration:
  state.checkpoints.dir: s3://flink/checkpoints
  state.savepoints.dir: s3://flink/savepoints
  state.backend.type: rocksdb
  execution.checkpointing.interval: 60 s
  execution.checkpointing.timeout: 10 min
  high-availability.type: kubernetes
  high-availability.storageDir: s3://flink/ha
  restart-strategy.type: exponential-delay
  taskmanager.numberOfTaskSlots: "2"
  taskmanager.memory.managed.fraction: "0.4"
job: {jarURI: "local:///opt/flink/usrlib/orders.jar", entryClass: com.example.Orders, args: [--topic, orders], parallelism: 4, state: running, upgradeMode: savepoint}
jobManager: {replicas: 1, resource: {cpu: 0.5, memory: 1g}}
taskManager: {resource: {cpu: 1, memory: 2g}}
podTemplate:
  metadata: {labels: {team: orders}}
  spec:
    containers:
      - name: flink-main-container
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        resources: {requests: {ephemeral-storage: 1Gi}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
    volumes: [{name: tmp, emptyDir: {}}]
`

func BenchmarkDiffEqual(b *testing.B) {
	from, to := benchTree(b), benchTree(b)
	for b.Loop() {
		if changes := Diff(from, to); len(changes) > 0 {
			b.Fatal(changes)
		}
	}
}

func BenchmarkDiffChanged(b *testing.B) {
	from, to := benchTree(b), benchTree(b)
	to["image"] = "another"
	to["taskManager"] = Tree{"resource": Tree{"cpu": 1, "memory": "2048m"}}
	for b.Loop() {
		if changes := Diff(from, to); len(changes) != 1 {
			b.Fatal(changes)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	applied, live := benchTree(b), benchTree(b)
	for b.Loop() {
		Observe(applied, live)
	}
}

func BenchmarkParseDocument(b *testing.B) {
	for b.Loop() {
		if _, err := ParseDocument(plannedSpec); err != nil {
			b.Fatal(err)
		}
	}
}

func benchTree(b *testing.B) Tree {
	b.Helper()
	document, err := ParseDocument(plannedSpec)
	if err != nil {
		b.Fatal(err)
	}
	return Tree(document)
}
