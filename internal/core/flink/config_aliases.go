package flink

// aliasTable lists the former names of configuration keys: former name, present
// name, and the Flink versions that read both as one, where those are not all of
// v1_15 to v2_3. The former names of one key stand in the order in which Flink
// looks them up. Source: the deprecated keys of every ConfigOption of Flink 1.15
// to 2.3 (withDeprecatedKeys in flink-core, flink-runtime, flink-streaming-java,
// flink-kubernetes, flink-metrics-core and flink-statebackend-rocksdb) and of
// operator 1.16 (KubernetesOperatorConfigOptions, AutoScalerOptions). A name that
// stands for two keys (web.port, jobmanager.web.port, jobmanager.web.address,
// state.backend.local-recovery) is not here: it has no single present name; neither are the names recovery.* of Flink
// 1.0. A name
// that was renamed twice leads to the newest name, from the version that has it.
const aliasTable = `
library-cache-manager.cleanup.interval blob.service.cleanup.interval
classloader.parent-first-patterns classloader.parent-first-patterns.default
cleanup-strategy cleanup-strategy.type from v1_17
env.java.opts env.java.opts.all from v1_17
jobmanager.adaptive-batch-scheduler.avg-data-volume-per-task execution.batch.adaptive.auto-parallelism.avg-data-volume-per-task from v1_17
jobmanager.adaptive-batch-scheduler.default-source-parallelism execution.batch.adaptive.auto-parallelism.default-source-parallelism from v1_17
jobmanager.adaptive-batch-scheduler.max-parallelism execution.batch.adaptive.auto-parallelism.max-parallelism from v1_17
jobmanager.adaptive-batch-scheduler.min-parallelism execution.batch.adaptive.auto-parallelism.min-parallelism from v1_17
jobmanager.adaptive-batch-scheduler.speculative.block-slow-node-duration execution.batch.speculative.block-slow-node-duration from v1_17
jobmanager.adaptive-batch-scheduler.speculative.enabled execution.batch.speculative.enabled from v1_17
jobmanager.adaptive-batch-scheduler.speculative.max-concurrent-executions execution.batch.speculative.max-concurrent-executions from v1_17
execution.buffer-timeout execution.buffer-timeout.interval from v1_16
execution.checkpointing.alignment-timeout execution.checkpointing.aligned-checkpoint-timeout
execution.checkpointing.checkpoints-after-tasks-finish.enabled execution.checkpointing.checkpoints-after-tasks-finish from v1_20
state.checkpoint.cleaner.parallel-mode execution.checkpointing.cleaner.parallel-mode from v1_20
state.checkpoints.create-subdir execution.checkpointing.create-subdir from v1_20
state.storage.fs.memory-threshold execution.checkpointing.data-inline-threshold from v1_20
state.backend.fs.memory-threshold execution.checkpointing.data-inline-threshold from v1_20
state.checkpoints.dir execution.checkpointing.dir from v1_20
state.backend.fs.checkpointdir execution.checkpointing.dir from v1_20
state.backend.incremental execution.checkpointing.incremental from v1_20
taskmanager.state.local.root-dirs execution.checkpointing.local-backup.dirs from v1_20
state.checkpoints.num-retained execution.checkpointing.num-retained from v1_20
state.savepoints.dir execution.checkpointing.savepoint-dir from v1_20
savepoints.state.backend.fs.dir execution.checkpointing.savepoint-dir from v1_20
state.checkpoint-storage execution.checkpointing.storage from v1_20
execution.checkpointing.unaligned execution.checkpointing.unaligned.enabled from v1_17
state.storage.fs.write-buffer-size execution.checkpointing.write-buffer-size from v1_20
state.backend.fs.write-buffer-size execution.checkpointing.write-buffer-size from v1_20
execution.allow-client-job-configurations execution.program-config.enabled from v1_16
execution.checkpointing.approximate-local-recovery execution.state-recovery.approximate-local-recovery from v1_20
execution.savepoint-restore-mode execution.state-recovery.claim-mode from v1_20
execution.savepoint.ignore-unclaimed-state execution.state-recovery.ignore-unclaimed-state from v1_20
execution.savepoint.path execution.state-recovery.path from v1_20
execution.checkpointing.recover-without-channel-state.checkpoint-id execution.state-recovery.without-channel-state.checkpoint-id from v1_20
high-availability.zookeeper.path.namespace high-availability.cluster-id
high-availability.zookeeper.storageDir high-availability.storageDir
high-availability high-availability.type from v1_17
high-availability.zookeeper.path.jobgraphs high-availability.zookeeper.path.execution-plans from v2_0
taskmanager.tmp.dirs io.tmp.dirs
job.autoscaler.scale-up.grace-period job.autoscaler.scale-down.interval
job.autoscaler.target.utilization job.autoscaler.utilization.target
jobmanager.adaptive-scheduler.scaling-interval.min jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling from v2_0
jobmanager.adaptive-scheduler.resource-stabilization-timeout jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout from v2_0
jobmanager.adaptive-scheduler.resource-wait-timeout jobmanager.adaptive-scheduler.submission.resource-wait-timeout from v2_0
jobstore.cache-size completed-application-store.cache-size from v2_3
jobstore.max-capacity completed-application-store.max-capacity from v2_3
jobstore.type completed-application-store.type from v2_3
job-manager.max-attempts-history-size jobmanager.execution.attempts-history-size
kubernetes.container.image kubernetes.container.image.ref from v1_17
kubernetes.jobmanager.cpu kubernetes.jobmanager.cpu.amount from v1_17
kubernetes.operator.reconciler.flink.cancel.job.timeout kubernetes.operator.flink.client.cancel.timeout
kubernetes.operator.observer.flink.client.timeout kubernetes.operator.flink.client.timeout
kubernetes.operator.reconciler.jm-deployment-recovery.enabled kubernetes.operator.jm-deployment-recovery.enabled
kubernetes.operator.reconciler.reschedule.interval kubernetes.operator.reconcile.interval
kubernetes.operator.reconciler.max.parallelism kubernetes.operator.reconcile.parallelism
kubernetes.operator.reconciler.flink.cluster.shutdown.timeout kubernetes.operator.resource.cleanup.timeout
kubernetes.operator.observer.savepoint.trigger.grace-period kubernetes.operator.savepoint.trigger.grace-period
kubernetes.operator.session.block-on-unmanaged-jobs kubernetes.operator.session.deletion.block-on-unmanaged-jobs
kubernetes.pod-template-file kubernetes.pod-template-file.default from v1_17
kubernetes.taskmanager.cpu kubernetes.taskmanager.cpu.amount from v1_17
metrics.scope.jm.job metrics.scope.jm-job from v1_17
metrics.scope.tm.job metrics.scope.tm-job from v1_17
local.number-taskmanager minicluster.number-of-taskmanagers from v1_19
akka.ask.callstack pekko.ask.callstack from v1_18
akka.ask.timeout pekko.ask.timeout from v1_18
akka.client-socket-worker-pool.pool-size-factor pekko.client-socket-worker-pool.pool-size-factor from v1_18
akka.client-socket-worker-pool.pool-size-max pekko.client-socket-worker-pool.pool-size-max from v1_18
akka.client-socket-worker-pool.pool-size-min pekko.client-socket-worker-pool.pool-size-min from v1_18
akka.fork-join-executor.parallelism-factor pekko.fork-join-executor.parallelism-factor from v1_18
akka.fork-join-executor.parallelism-max pekko.fork-join-executor.parallelism-max from v1_18
akka.fork-join-executor.parallelism-min pekko.fork-join-executor.parallelism-min from v1_18
akka.framesize pekko.framesize from v1_18
akka.jvm-exit-on-fatal-error pekko.jvm-exit-on-fatal-error from v1_18
akka.log.lifecycle.events pekko.log.lifecycle.events from v1_18
akka.lookup.timeout pekko.lookup.timeout from v1_18
akka.retry-gate-closed-for pekko.retry-gate-closed-for from v1_18
akka.rpc.force-invocation-serialization pekko.rpc.force-invocation-serialization from v1_18
akka.server-socket-worker-pool.pool-size-factor pekko.server-socket-worker-pool.pool-size-factor from v1_18
akka.server-socket-worker-pool.pool-size-max pekko.server-socket-worker-pool.pool-size-max from v1_18
akka.server-socket-worker-pool.pool-size-min pekko.server-socket-worker-pool.pool-size-min from v1_18
akka.ssl.enabled pekko.ssl.enabled from v1_18
akka.startup-timeout pekko.startup-timeout from v1_18
akka.tcp.timeout pekko.tcp.timeout from v1_18
akka.throughput pekko.throughput from v1_18
pipeline.operator-chaining pipeline.operator-chaining.enabled from v1_18
query.client.network-threads queryable-state.client.network-threads
query.proxy.network-threads queryable-state.proxy.network-threads
query.proxy.ports queryable-state.proxy.ports
query.proxy.query-threads queryable-state.proxy.query-threads
query.server.network-threads queryable-state.server.network-threads
query.server.ports queryable-state.server.ports
query.server.query-threads queryable-state.server.query-threads
slotmanager.taskmanager-timeout resourcemanager.taskmanager-timeout
restart-strategy restart-strategy.type from v1_17
security.kerberos.fetch.delegation-token security.delegation.tokens.enabled from v1_17
security.kerberos.tokens.renewal.retry.backoff security.delegation.tokens.renewal.retry.backoff from v1_17
security.kerberos.tokens.renewal.time-ratio security.delegation.tokens.renewal.time-ratio from v1_17
yarn.security.kerberos.additionalFileSystems security.kerberos.access.hadoopFileSystems from v1_16
security.keytab security.kerberos.login.keytab
security.principal security.kerberos.login.principal
security.ssl.close-notify-flush-timeout security.ssl.internal.close-notify-flush-timeout
security.ssl.handshake-timeout security.ssl.internal.handshake-timeout
security.ssl.session-cache-size security.ssl.internal.session-cache-size
security.ssl.session-timeout security.ssl.internal.session-timeout
state.backend.rocksdb.checkpointdir state.backend.rocksdb.localdir to v1_20
state.backend state.backend.type from v1_17
state.backend.changelog.enabled state.changelog.enabled from v1_20
state.backend.changelog.max-failures-allowed state.changelog.max-failures-allowed from v1_20
state.backend.changelog.periodic-materialize.enabled state.changelog.periodic-materialize.enabled from v1_20
state.backend.changelog.periodic-materialize.interval state.changelog.periodic-materialize.interval from v1_20
state.backend.changelog.storage state.changelog.storage from v1_20
state.backend.latency-track.history-size state.latency-track.history-size from v1_20
state.backend.latency-track.keyed-state-enabled state.latency-track.keyed-state-enabled from v1_20
state.backend.latency-track.sample-interval state.latency-track.sample-interval from v1_20
state.backend.latency-track.state-name-as-variable state.latency-track.state-name-as-variable from v1_20
task.cancellation-interval task.cancellation.interval
timerservice.exceptional.shutdown.timeout task.cancellation.timers.timeout
taskmanager.debug.memory.startLogThread taskmanager.debug.memory.log
taskmanager.debug.memory.logIntervalMs taskmanager.debug.memory.log-interval
taskmanager.memory.size taskmanager.memory.managed.size
taskmanager.network.memory.fraction taskmanager.memory.network.fraction
taskmanager.network.memory.max taskmanager.memory.network.max
taskmanager.network.memory.min taskmanager.memory.network.min
taskmanager.network.blocking-shuffle.compression.enabled taskmanager.network.batch-shuffle.compression.enabled from v1_16 to v1_20
taskmanager.network.hybrid-shuffle.spill-index-segment-size taskmanager.network.hybrid-shuffle.spill-index-region-group-size from v1_18 to v1_20
taskmanager.network.memory.exclusive-buffers-request-timeout-ms taskmanager.network.memory.buffers-request-timeout from v1_20
taskmanager.net.client.connectTimeoutSec taskmanager.network.netty.client.connectTimeoutSec
taskmanager.net.client.numThreads taskmanager.network.netty.client.numThreads to v1_20
taskmanager.net.num-arenas taskmanager.network.netty.num-arenas to v1_20
taskmanager.net.sendReceiveBufferSize taskmanager.network.netty.sendReceiveBufferSize to v1_20
taskmanager.net.server.backlog taskmanager.network.netty.server.backlog to v1_20
taskmanager.net.server.numThreads taskmanager.network.netty.server.numThreads to v1_20
taskmanager.net.transport taskmanager.network.netty.transport to v1_20
taskmanager.net.request-backoff.initial taskmanager.network.request-backoff.initial
taskmanager.net.request-backoff.max taskmanager.network.request-backoff.max
taskmanager.initial-registration-pause taskmanager.registration.initial-backoff to v1_20
taskmanager.max-registration-pause taskmanager.registration.max-backoff to v1_20
taskmanager.refused-registration-pause taskmanager.registration.refused-backoff to v1_20
taskmanager.maxRegistrationDuration taskmanager.registration.timeout
taskmanager.runtime.fs_timeout taskmanager.runtime.fs-timeout from v1_19
jobmanager.web.access-control-allow-origin web.access-control-allow-origin
jobmanager.web.backpressure.cleanup-interval web.backpressure.cleanup-interval to v1_20
jobmanager.web.backpressure.delay-between-samples web.backpressure.delay-between-samples to v1_20
jobmanager.web.backpressure.num-samples web.backpressure.num-samples to v1_20
jobmanager.web.backpressure.refresh-interval web.backpressure.refresh-interval to v1_20
jobmanager.web.checkpoints.history web.checkpoints.history
jobmanager.web.history web.history
jobmanager.web.log.path web.log.path
jobmanager.web.refresh-interval web.refresh-interval
jobmanager.web.ssl.enabled web.ssl.enabled to v1_20
jobmanager.web.submit.enable web.submit.enable
jobmanager.web.tmpdir web.tmpdir
jobmanager.web.upload.dir web.upload.dir
`
