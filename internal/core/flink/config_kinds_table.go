package flink

// The keys below are those whose type is the same in Flink 1.15 to 2.1 (getClazz
// of every ConfigOption of flink-core, flink-runtime, flink-streaming-java,
// flink-kubernetes, flink-metrics-core and flink-statebackend-rocksdb) and in
// operator 1.16. Keys that became durations after they were milliseconds are
// durations: a plain number means the same. Former names stand beside the
// present ones.

// memoryKeys hold a MemorySize, in bytes without a unit.
const memoryKeys = `
execution.batch.adaptive.auto-parallelism.avg-data-volume-per-task
execution.checkpointing.data-inline-threshold execution.checkpointing.file-merging.max-file-size
execution.sort-keyed-partition.memory execution.sort-partition.memory execution.sorted-inputs.memory
job-event.store.write-buffer.size job.autoscaler.quota.memory
jobmanager.adaptive-batch-scheduler.avg-data-volume-per-task jobmanager.heap.size
jobmanager.memory.flink.size jobmanager.memory.heap.size jobmanager.memory.jvm-metaspace.size
jobmanager.memory.jvm-overhead.max jobmanager.memory.jvm-overhead.min jobmanager.memory.off-heap.size
jobmanager.memory.process.size slotmanager.max-total-resource.memory
slotmanager.min-total-resource.memory state.backend.fs.memory-threshold
state.backend.rocksdb.block.blocksize state.backend.rocksdb.block.cache-size
state.backend.rocksdb.block.metadata-blocksize state.backend.rocksdb.compaction.level.max-size-level-base
state.backend.rocksdb.compaction.level.target-file-size-base state.backend.rocksdb.log.max-file-size
state.backend.rocksdb.manual-compaction.max-file-size-to-compact
state.backend.rocksdb.manual-compaction.max-output-file-size state.backend.rocksdb.memory.fixed-per-slot
state.backend.rocksdb.memory.fixed-per-tm state.backend.rocksdb.write-batch-size
state.backend.rocksdb.writebuffer.size state.storage.fs.memory-threshold taskmanager.heap.size
taskmanager.memory.flink.size taskmanager.memory.framework.heap.size
taskmanager.memory.framework.off-heap.batch-shuffle.size taskmanager.memory.framework.off-heap.size
taskmanager.memory.jvm-metaspace.size taskmanager.memory.jvm-overhead.max
taskmanager.memory.jvm-overhead.min taskmanager.memory.managed.size taskmanager.memory.min-segment-size
taskmanager.memory.network.max taskmanager.memory.network.min taskmanager.memory.process.size
taskmanager.memory.segment-size taskmanager.memory.size taskmanager.memory.starting-segment-size
taskmanager.memory.task.heap.size taskmanager.memory.task.off-heap.size taskmanager.network.memory.max
taskmanager.network.memory.min taskmanager.system-out.log.cache-upper-size
`

// durationKeys hold a Duration, in milliseconds without a unit.
const durationKeys = `
akka.ask.timeout akka.lookup.timeout akka.startup-timeout akka.tcp.timeout
cleanup-strategy.exponential-delay.initial-backoff cleanup-strategy.exponential-delay.max-backoff
cleanup-strategy.fixed-delay.delay cluster.registration.error-delay cluster.registration.initial-timeout
cluster.registration.max-timeout cluster.registration.refused-registration-delay
cluster.services.shutdown-timeout execution.batch.job-recovery.previous-worker.recovery.timeout
execution.batch.job-recovery.snapshot.min-pause execution.batch.speculative.block-slow-node-duration
execution.buffer-timeout execution.buffer-timeout.interval
execution.checkpointing.aligned-checkpoint-timeout execution.checkpointing.alignment-timeout
execution.checkpointing.interval execution.checkpointing.interval-during-backlog
execution.checkpointing.min-pause execution.checkpointing.timeout heartbeat.interval heartbeat.timeout
high-availability.kubernetes.leader-election.lease-duration
high-availability.kubernetes.leader-election.renew-deadline
high-availability.kubernetes.leader-election.retry-period
high-availability.zookeeper.client.connection-timeout high-availability.zookeeper.client.max-close-wait
high-availability.zookeeper.client.retry-wait high-availability.zookeeper.client.session-timeout
historyserver.archive.fs.refresh-interval historyserver.web.refresh-interval interval
job-event.store.write-buffer.flush-interval job.autoscaler.backlog-processing.lag-threshold
job.autoscaler.catch-up.duration job.autoscaler.flink.rest-client.timeout job.autoscaler.history.max.age
job.autoscaler.metrics.window job.autoscaler.observed-true-processing-rate.lag-threshold
job.autoscaler.restart.time job.autoscaler.restart.time-tracking.limit job.autoscaler.scale-down.interval
job.autoscaler.scale-up.grace-period job.autoscaler.scaling.event.interval
job.autoscaler.stabilization.interval
jobmanager.adaptive-batch-scheduler.speculative.block-slow-node-duration
jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling
jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout
jobmanager.adaptive-scheduler.rescale-trigger.max-delay
jobmanager.adaptive-scheduler.resource-stabilization-timeout
jobmanager.adaptive-scheduler.resource-wait-timeout jobmanager.adaptive-scheduler.scaling-interval.max
jobmanager.adaptive-scheduler.scaling-interval.min
jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout
jobmanager.adaptive-scheduler.submission.resource-wait-timeout jobmanager.web.refresh-interval
kubernetes.operator.checkpoint.trigger.grace-period
kubernetes.operator.cluster.health-check.checkpoint-progress.window
kubernetes.operator.cluster.health-check.restarts.window
kubernetes.operator.cluster.resource-view.refresh-interval kubernetes.operator.config.cache.timeout
kubernetes.operator.deployment.readiness.timeout kubernetes.operator.dynamic.config.check.interval
kubernetes.operator.flink.client.cancel.timeout kubernetes.operator.flink.client.timeout
kubernetes.operator.health.canary.resource.timeout kubernetes.operator.jm-deployment.shutdown-ttl
kubernetes.operator.job.submission.timeout
kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age
kubernetes.operator.leader-election.lease-duration kubernetes.operator.leader-election.renew-deadline
kubernetes.operator.leader-election.retry-period kubernetes.operator.observer.flink.client.timeout
kubernetes.operator.observer.progress-check.interval kubernetes.operator.observer.rest-ready.delay
kubernetes.operator.observer.savepoint.trigger.grace-period
kubernetes.operator.rate-limiter.refresh-period kubernetes.operator.reconcile.interval
kubernetes.operator.reconciler.flink.cancel.job.timeout
kubernetes.operator.reconciler.flink.cluster.shutdown.timeout
kubernetes.operator.reconciler.reschedule.interval kubernetes.operator.resource.cleanup.timeout
kubernetes.operator.retry.initial.interval kubernetes.operator.retry.max.interval
kubernetes.operator.savepoint.history.max.age kubernetes.operator.savepoint.trigger.grace-period
kubernetes.operator.termination.timeout kubernetes.transactional-operation.initial-retry-delay
kubernetes.transactional-operation.max-retry-delay metrics.fetcher.update-interval
metrics.latency.interval metrics.system-resource-probing-interval pekko.ask.timeout pekko.lookup.timeout
pekko.startup-timeout pekko.tcp.timeout pipeline.auto-watermark-interval
recovery.zookeeper.client.connection-timeout recovery.zookeeper.client.retry-wait
recovery.zookeeper.client.session-timeout resourcemanager.job.timeout
resourcemanager.previous-worker.recovery.timeout resourcemanager.standalone.start-up-time
resourcemanager.start-worker.retry-interval resourcemanager.taskmanager-registration.timeout
resourcemanager.taskmanager-timeout rest.async.store-duration rest.await-leader-timeout
rest.cache.checkpoint-statistics.timeout rest.connection-timeout rest.flamegraph.cleanup-interval
rest.flamegraph.delay-between-samples rest.flamegraph.refresh-interval rest.idleness-timeout
rest.profiling.duration-max rest.retry.delay restart-strategy.exponential-delay.initial-backoff
restart-strategy.exponential-delay.max-backoff restart-strategy.exponential-delay.reset-backoff-threshold
restart-strategy.failure-rate.delay restart-strategy.failure-rate.failure-rate-interval
restart-strategy.fixed-delay.delay security.delegation.tokens.renewal.retry.backoff
security.kerberos.relogin.period security.kerberos.tokens.renewal.retry.backoff slot.idle.timeout
slot.request.max-interval slot.request.timeout slotmanager.declare-needed-resource.delay
slotmanager.requirement-check.delay slotmanager.taskmanager-timeout slow-task-detector.check-interval
slow-task-detector.execution-time.baseline-lower-bound
state.backend.changelog.periodic-materialize.interval
state.backend.rocksdb.compaction.filter.periodic-compaction-time
state.backend.rocksdb.manual-compaction.min-interval state.changelog.periodic-materialize.interval
task.cancellation-interval task.cancellation.interval task.cancellation.timeout
task.cancellation.timers.timeout taskmanager.debug.memory.log-interval
taskmanager.debug.memory.logIntervalMs taskmanager.initial-registration-pause
taskmanager.max-registration-pause taskmanager.maxRegistrationDuration
taskmanager.network.memory.buffer-debloat.period taskmanager.network.memory.buffer-debloat.target
taskmanager.network.memory.buffers-request-timeout
taskmanager.network.memory.exclusive-buffers-request-timeout-ms
taskmanager.network.partition-request-timeout taskmanager.refused-registration-pause
taskmanager.registration.initial-backoff taskmanager.registration.max-backoff
taskmanager.registration.refused-backoff taskmanager.registration.timeout taskmanager.runtime.fs-timeout
taskmanager.runtime.fs_timeout taskmanager.slot.timeout timerservice.exceptional.shutdown.timeout
web.refresh-interval web.timeout
`

// decimalKeys hold a Float or Double.
const decimalKeys = `
akka.client-socket-worker-pool.pool-size-factor akka.fork-join-executor.parallelism-factor
akka.server-socket-worker-pool.pool-size-factor
execution.checkpointing.file-merging.max-space-amplification job.autoscaler.memory.gc-pressure.threshold
job.autoscaler.memory.heap-usage.threshold job.autoscaler.memory.tuning.overhead
job.autoscaler.observed-scalability.coefficient-min
job.autoscaler.observed-true-processing-rate.switch-threshold job.autoscaler.quota.cpu
job.autoscaler.scale-down.max-factor job.autoscaler.scale-up.max-factor
job.autoscaler.scaling.effectiveness.threshold job.autoscaler.target.utilization
job.autoscaler.target.utilization.boundary job.autoscaler.utilization.max job.autoscaler.utilization.min
job.autoscaler.utilization.target jobmanager.memory.jvm-overhead.fraction kubernetes.jobmanager.cpu
kubernetes.jobmanager.cpu.amount kubernetes.jobmanager.cpu.limit-factor
kubernetes.jobmanager.memory.limit-factor kubernetes.operator.retry.interval.multiplier
kubernetes.taskmanager.cpu kubernetes.taskmanager.cpu.amount kubernetes.taskmanager.cpu.limit-factor
kubernetes.taskmanager.memory.limit-factor pekko.client-socket-worker-pool.pool-size-factor
pekko.fork-join-executor.parallelism-factor pekko.remote-fork-join-executor.parallelism-factor
pekko.server-socket-worker-pool.pool-size-factor resourcemanager.start-worker.max-failure-rate
restart-strategy.exponential-delay.backoff-multiplier restart-strategy.exponential-delay.jitter-factor
security.delegation.tokens.renewal.time-ratio security.kerberos.tokens.renewal.time-ratio
slotmanager.max-total-resource.cpu slotmanager.min-total-resource.cpu
slow-task-detector.execution-time.baseline-multiplier slow-task-detector.execution-time.baseline-ratio
state.backend.rocksdb.bloom-filter.bits-per-key state.backend.rocksdb.memory.high-prio-pool-ratio
state.backend.rocksdb.memory.write-buffer-ratio state.backend.rocksdb.restore-overlap-fraction-threshold
taskmanager.cpu.cores taskmanager.memory.jvm-overhead.fraction taskmanager.memory.managed.fraction
taskmanager.memory.network.fraction taskmanager.network.memory.fraction
taskmanager.runtime.sort-spilling-threshold
`

// enumKeys hold a name of an enum, read without regard to case.
const enumKeys = `
cluster.intercept-user-system-exit cluster.uncaught-exception-handling execution.batch-shuffle-mode
execution.checkpointing.externalized-checkpoint-retention execution.checkpointing.mode
execution.runtime-mode execution.savepoint-restore-mode execution.state-recovery.claim-mode
hidden.execution.mode job.autoscaler.metrics.busy-time.aggregator
job.autoscaler.scaling.key-group.partitions.adjust.mode
jobmanager.partition.hybrid.partition-data-consume-constraint jobmanager.scheduler jobstore.type
kubernetes.container.image.pull-policy kubernetes.operator.checkpoint.type
kubernetes.operator.resource.deletion.propagation kubernetes.operator.savepoint.format.type
kubernetes.rest-service.exposed.node-port-address-type kubernetes.rest-service.exposed.type
pipeline.closure-cleaner-level pipeline.time-characteristic pipeline.vertex-description-mode
scheduler-mode state.backend.rocksdb.compaction.style state.backend.rocksdb.log.level
state.backend.rocksdb.timer-service.factory taskmanager.load-balance.mode taskmanager.system-out.mode
`

// integerKeys hold an Integer or Long.
const integerKeys = `
akka.client-socket-worker-pool.pool-size-max akka.client-socket-worker-pool.pool-size-min
akka.fork-join-executor.parallelism-max akka.fork-join-executor.parallelism-min
akka.retry-gate-closed-for akka.server-socket-worker-pool.pool-size-max
akka.server-socket-worker-pool.pool-size-min akka.throughput akka.watch.threshold
blob.client.connect.timeout blob.client.socket.timeout blob.fetch.backlog blob.fetch.num-concurrent
blob.fetch.retries blob.offload.minsize blob.service.cleanup.interval chainIndex checkpointMode
cleanup-strategy.exponential-delay.attempts cleanup-strategy.fixed-delay.attempts cluster.io-pool.size
cluster.thread-dump.stacktrace-max-depth compiler.delimited-informat.max-line-samples
compiler.delimited-informat.max-sample-len compiler.delimited-informat.min-line-samples env.log.max
execution.async-state.active-buffer-size execution.async-state.active-buffer-timeout
execution.async-state.buffer-size execution.async-state.buffer-timeout
execution.async-state.in-flight-records-limit execution.async-state.total-buffer-size
execution.batch.adaptive.auto-parallelism.default-source-parallelism
execution.batch.adaptive.auto-parallelism.max-parallelism
execution.batch.adaptive.auto-parallelism.min-parallelism
execution.batch.speculative.max-concurrent-executions
execution.checkpointing.file-merging.max-subtasks-per-file
execution.checkpointing.max-concurrent-checkpoints execution.checkpointing.num-retained
execution.checkpointing.recover-without-channel-state.checkpoint-id
execution.checkpointing.tolerable-failed-checkpoints
execution.checkpointing.unaligned.max-subtasks-per-channel-state-file
execution.checkpointing.write-buffer-size execution.state-recovery.without-channel-state.checkpoint-id
heartbeat.rpc-failure-threshold hidden.execution.retries
high-availability.zookeeper.client.max-retry-attempts
high-availability.zookeeper.client.simulated-session-expiration-percent
historyserver.archive.retained-jobs historyserver.web.port iterationWait
job-manager.max-attempts-history-size job.autoscaler.history.max.count
job.autoscaler.observed-scalability.min-observations
job.autoscaler.observed-true-processing-rate.min-observations job.autoscaler.vertex.max-parallelism
job.autoscaler.vertex.min-parallelism jobmanager.adaptive-batch-scheduler.default-source-parallelism
jobmanager.adaptive-batch-scheduler.max-parallelism jobmanager.adaptive-batch-scheduler.min-parallelism
jobmanager.adaptive-batch-scheduler.speculative.max-concurrent-executions
jobmanager.adaptive-scheduler.min-parallelism-increase
jobmanager.adaptive-scheduler.rescale-trigger.max-checkpoint-failures
jobmanager.execution.attempts-history-size jobmanager.future-pool.size jobmanager.heap.mb
jobmanager.io-pool.size jobmanager.rpc.bind-port jobmanager.rpc.port
jobmanager.web.backpressure.cleanup-interval jobmanager.web.backpressure.delay-between-samples
jobmanager.web.backpressure.num-samples jobmanager.web.backpressure.refresh-interval
jobmanager.web.checkpoints.history jobmanager.web.history jobstore.cache-size jobstore.expiration-time
jobstore.max-capacity kubernetes.client.io-pool.size kubernetes.jobmanager.replicas
kubernetes.operator.cluster.health-check.restarts.threshold kubernetes.operator.config.cache.size
kubernetes.operator.events.exceptions.limit-per-reconciliation
kubernetes.operator.events.exceptions.stacktrace-lines kubernetes.operator.exception.field.max.length
kubernetes.operator.exception.stacktrace.max.length
kubernetes.operator.exception.throwable.list.max.count kubernetes.operator.health.probe.port
kubernetes.operator.rate-limiter.limit kubernetes.operator.reconcile.parallelism
kubernetes.operator.reconciler.max.parallelism kubernetes.operator.retry.max.attempts
kubernetes.operator.savepoint.history.max.count kubernetes.transactional-operation.max-retries
library-cache-manager.cleanup.interval local.number-resourcemanager local.number-taskmanager
metrics.internal.query-service.thread-priority metrics.latency.history-size
minicluster.number-of-taskmanagers numberOfNetworkInputs numberOfOutputs parallelism.default
pekko.client-socket-worker-pool.pool-size-max pekko.client-socket-worker-pool.pool-size-min
pekko.fork-join-executor.parallelism-max pekko.fork-join-executor.parallelism-min
pekko.remote-fork-join-executor.parallelism-max pekko.remote-fork-join-executor.parallelism-min
pekko.retry-gate-closed-for pekko.server-socket-worker-pool.pool-size-max
pekko.server-socket-worker-pool.pool-size-min pekko.throughput pipeline.max-parallelism
query.client.network-threads query.proxy.network-threads query.proxy.query-threads
query.server.network-threads query.server.query-threads queryable-state.client.network-threads
queryable-state.proxy.network-threads queryable-state.proxy.query-threads
queryable-state.server.network-threads queryable-state.server.query-threads
recovery.zookeeper.client.max-retry-attempts resourcemanager.rpc.port
rest.cache.checkpoint-statistics.size rest.client.max-content-length rest.flamegraph.num-samples
rest.flamegraph.stack-depth rest.port rest.profiling.history-size rest.retry.max-attempts
rest.server.max-content-length rest.server.numThreads rest.server.thread-priority
restart-strategy.exponential-delay.attempts-before-reset-backoff
restart-strategy.failure-rate.max-failures-per-interval restart-strategy.fixed-delay.attempts
security.ssl.close-notify-flush-timeout security.ssl.handshake-timeout
security.ssl.internal.close-notify-flush-timeout security.ssl.internal.handshake-timeout
security.ssl.internal.session-cache-size security.ssl.internal.session-timeout
security.ssl.session-cache-size security.ssl.session-timeout sink.committer.retries
slotmanager.number-of-slots.max slotmanager.number-of-slots.min slotmanager.redundant-taskmanager-num
slotmanager.request-timeout state.backend.changelog.max-failures-allowed
state.backend.fs.write-buffer-size state.backend.latency-track.history-size
state.backend.latency-track.sample-interval state.backend.rocksdb.checkpoint.transfer.thread.num
state.backend.rocksdb.compaction.filter.query-time-after-num-entries state.backend.rocksdb.files.open
state.backend.rocksdb.log.file-num state.backend.rocksdb.manual-compaction.max-auto-compactions
state.backend.rocksdb.manual-compaction.max-files-to-compact
state.backend.rocksdb.manual-compaction.max-parallel-compactions
state.backend.rocksdb.manual-compaction.min-files-to-compact state.backend.rocksdb.thread.num
state.backend.rocksdb.timer-service.cache-size state.backend.rocksdb.writebuffer.count
state.backend.rocksdb.writebuffer.number-to-merge state.changelog.max-failures-allowed
state.checkpoints.num-retained state.latency-track.history-size state.latency-track.sample-interval
state.size-track.history-size state.size-track.sample-interval state.storage.fs.write-buffer-size
taskmanager.collect-sink.port taskmanager.data.port taskmanager.heap.mb
taskmanager.net.client.connectTimeoutSec taskmanager.net.client.numThreads taskmanager.net.num-arenas
taskmanager.net.request-backoff.initial taskmanager.net.request-backoff.max
taskmanager.net.sendReceiveBufferSize taskmanager.net.server.backlog taskmanager.net.server.numThreads
taskmanager.network.hybrid-shuffle.num-retained-in-memory-regions-max
taskmanager.network.hybrid-shuffle.spill-index-region-group-size
taskmanager.network.hybrid-shuffle.spill-index-segment-size taskmanager.network.max-num-tcp-connections
taskmanager.network.memory.buffer-debloat.samples
taskmanager.network.memory.buffer-debloat.threshold-percentages
taskmanager.network.memory.buffers-per-channel taskmanager.network.memory.floating-buffers-per-gate
taskmanager.network.memory.max-buffers-per-channel
taskmanager.network.memory.max-overdraft-buffers-per-gate
taskmanager.network.memory.read-buffer.required-per-gate.max
taskmanager.network.netty.client.connectTimeoutSec taskmanager.network.netty.client.numThreads
taskmanager.network.netty.client.tcp.keepCount taskmanager.network.netty.client.tcp.keepIdleSec
taskmanager.network.netty.client.tcp.keepIntervalSec taskmanager.network.netty.num-arenas
taskmanager.network.netty.sendReceiveBufferSize taskmanager.network.netty.server.backlog
taskmanager.network.netty.server.numThreads taskmanager.network.numberOfBuffers
taskmanager.network.request-backoff.initial taskmanager.network.request-backoff.max
taskmanager.network.retries taskmanager.network.sort-shuffle.min-buffers
taskmanager.network.sort-shuffle.min-parallelism taskmanager.numberOfTaskSlots taskmanager.rpc.bind-port
taskmanager.runtime.max-fan vertexID web.backpressure.cleanup-interval
web.backpressure.delay-between-samples web.backpressure.num-samples web.backpressure.refresh-interval
web.checkpoints.history web.exception-history-size web.history
`

// booleanKeys hold true or false, read without regard to case.
const booleanKeys = `
akka.ask.callstack akka.jvm-exit-on-fatal-error akka.log.lifecycle.events
akka.rpc.force-invocation-serialization akka.ssl.enabled blob.service.ssl.enabled chainEnd checkpointing
classloader.check-leaked-classloader classloader.fail-on-metaspace-oom-error
cluster.evenly-spread-out-slots cluster.fine-grained-resource-management.enabled
cluster.processes.halt-on-fatal-error enabled env.stdout-err.redirect-to-file
execution.allow-client-job-configurations execution.attached execution.batch-state-backend.enabled
execution.batch.adaptive.auto-parallelism.enabled execution.batch.job-recovery.enabled
execution.batch.speculative.enabled execution.buffer-timeout.enabled
execution.checkpointing.approximate-local-recovery execution.checkpointing.checkpoints-after-tasks-finish
execution.checkpointing.checkpoints-after-tasks-finish.enabled
execution.checkpointing.cleaner.parallel-mode execution.checkpointing.create-subdir
execution.checkpointing.file-merging.across-checkpoint-boundary
execution.checkpointing.file-merging.enabled execution.checkpointing.file-merging.pool-blocking
execution.checkpointing.force execution.checkpointing.incremental
execution.checkpointing.local-backup.enabled execution.checkpointing.snapshot-compression
execution.checkpointing.unaligned execution.checkpointing.unaligned.enabled
execution.checkpointing.unaligned.forced execution.checkpointing.unaligned.interruptible-timers.enabled
execution.program-config.enabled execution.savepoint.ignore-unclaimed-state
execution.shutdown-on-application-finish execution.shutdown-on-attached-exit
execution.sorted-inputs.enabled execution.state-recovery.approximate-local-recovery
execution.state-recovery.from-local execution.state-recovery.ignore-unclaimed-state
execution.submit-failed-job-on-application-error fine-grained.shuffle-mode.all-blocking
fs.output.always-create-directory fs.overwrite-files graphContainingLoops
high-availability.use-old-ha-services high-availability.zookeeper.client.ensemble-tracker
high-availability.zookeeper.client.tolerate-suspended-connections
historyserver.archive.clean-expired-jobs historyserver.web.ssl.enabled isChainedSubtask
job-result-store.delete-on-commit job.autoscaler.enabled job.autoscaler.memory.tuning.enabled
job.autoscaler.memory.tuning.maximize-managed-memory
job.autoscaler.memory.tuning.scale-down-compensation.enabled job.autoscaler.observed-scalability.enabled
job.autoscaler.restart.time-tracking.enabled job.autoscaler.scaling.effectiveness.detection.enabled
job.autoscaler.scaling.enabled jobmanager.adaptive-batch-scheduler.speculative.enabled
jobmanager.adaptive-scheduler.prefer-minimal-taskmanagers
jobmanager.memory.enable-jvm-direct-memory-limit jobmanager.partition.release-during-job-execution
jobmanager.retrieve-taskmanager-hostname jobmanager.web.ssl.enabled jobmanager.web.submit.enable
kubernetes.artifacts.local-upload-enabled kubernetes.artifacts.local-upload-overwrite
kubernetes.decorator.hadoop-conf-mount.enabled kubernetes.decorator.kerberos-mount.enabled
kubernetes.hostnetwork.enabled kubernetes.operator.cluster.health-check.checkpoint-progress.enabled
kubernetes.operator.cluster.health-check.enabled kubernetes.operator.deployment.rollback.enabled
kubernetes.operator.dynamic.config.enabled kubernetes.operator.dynamic.namespaces.enabled
kubernetes.operator.exception.stacktrace.enabled kubernetes.operator.health.probe.enabled
kubernetes.operator.ingress.manage kubernetes.operator.jm-deployment-recovery.enabled
kubernetes.operator.jm-deployment.startup.probe.enabled
kubernetes.operator.job.drain-on-savepoint-deletion kubernetes.operator.job.restart.failed
kubernetes.operator.job.savepoint-on-deletion kubernetes.operator.job.upgrade.ignore-pending-savepoint
kubernetes.operator.job.upgrade.inplace-scaling.enabled
kubernetes.operator.job.upgrade.last-state-fallback.enabled
kubernetes.operator.job.upgrade.last-state.job-cancel.enabled kubernetes.operator.leader-election.enabled
kubernetes.operator.pod-template.merge-arrays-by-name
kubernetes.operator.reconciler.jm-deployment-recovery.enabled
kubernetes.operator.savepoint.cleanup.enabled kubernetes.operator.savepoint.dispose-on-delete
kubernetes.operator.session.block-on-unmanaged-jobs
kubernetes.operator.session.deletion.block-on-session-jobs
kubernetes.operator.session.deletion.block-on-unmanaged-jobs
kubernetes.operator.snapshot.resource.enabled kubernetes.operator.startup.stop-on-informer-error
kubernetes.operator.user.artifacts.disallow-restricted-hosts metrics.system-resource pekko.ask.callstack
pekko.jvm-exit-on-fatal-error pekko.log.lifecycle.events pekko.rpc.force-invocation-serialization
pekko.ssl.enabled pipeline.auto-generate-uids pipeline.auto-type-registration pipeline.force-avro
pipeline.force-kryo pipeline.force-kryo-avro pipeline.generic-types pipeline.object-reuse
pipeline.operator-chaining pipeline.operator-chaining.chain-operators-with-different-max-parallelism
pipeline.operator-chaining.enabled pipeline.vertex-name-include-index-prefix
pipeline.watermark-alignment.allow-unaligned-source-splits queryable-state.enable
resourcemanager.taskmanager-release.wait.result.consumed rest.flamegraph.enabled rest.profiling.enabled
security.delegation.tokens.enabled security.kerberos.fetch.delegation-token
security.kerberos.login.use-ticket-cache security.ssl.enabled security.ssl.internal.enabled
security.ssl.rest.authentication-enabled security.ssl.rest.enabled security.ssl.verify-hostname
state.backend.async state.backend.changelog.enabled state.backend.changelog.enabled_for_application
state.backend.changelog.periodic-materialize.enabled state.backend.incremental
state.backend.latency-track.keyed-state-enabled state.backend.latency-track.state-name-as-variable
state.backend.local-recovery state.backend.rocksdb.bloom-filter.block-based-mode
state.backend.rocksdb.compaction.level.use-dynamic-size
state.backend.rocksdb.incremental-restore-async-compact-after-rescale
state.backend.rocksdb.memory.managed state.backend.rocksdb.memory.partitioned-index-filters
state.backend.rocksdb.metrics.actual-delayed-write-rate state.backend.rocksdb.metrics.background-errors
state.backend.rocksdb.metrics.block-cache-capacity state.backend.rocksdb.metrics.block-cache-hit
state.backend.rocksdb.metrics.block-cache-miss state.backend.rocksdb.metrics.block-cache-pinned-usage
state.backend.rocksdb.metrics.block-cache-usage state.backend.rocksdb.metrics.bloom-filter-full-positive
state.backend.rocksdb.metrics.bloom-filter-full-true-positive
state.backend.rocksdb.metrics.bloom-filter-useful state.backend.rocksdb.metrics.bytes-read
state.backend.rocksdb.metrics.bytes-written state.backend.rocksdb.metrics.column-family-as-variable
state.backend.rocksdb.metrics.compaction-pending state.backend.rocksdb.metrics.compaction-read-bytes
state.backend.rocksdb.metrics.compaction-write-bytes
state.backend.rocksdb.metrics.cur-size-active-mem-table
state.backend.rocksdb.metrics.cur-size-all-mem-tables
state.backend.rocksdb.metrics.estimate-live-data-size state.backend.rocksdb.metrics.estimate-num-keys
state.backend.rocksdb.metrics.estimate-pending-compaction-bytes
state.backend.rocksdb.metrics.estimate-table-readers-mem state.backend.rocksdb.metrics.is-write-stopped
state.backend.rocksdb.metrics.iter-bytes-read state.backend.rocksdb.metrics.live-sst-files-size
state.backend.rocksdb.metrics.mem-table-flush-pending
state.backend.rocksdb.metrics.num-deletes-active-mem-table
state.backend.rocksdb.metrics.num-deletes-imm-mem-tables
state.backend.rocksdb.metrics.num-entries-active-mem-table
state.backend.rocksdb.metrics.num-entries-imm-mem-tables state.backend.rocksdb.metrics.num-files-at-level
state.backend.rocksdb.metrics.num-immutable-mem-table state.backend.rocksdb.metrics.num-live-versions
state.backend.rocksdb.metrics.num-running-compactions state.backend.rocksdb.metrics.num-running-flushes
state.backend.rocksdb.metrics.num-snapshots state.backend.rocksdb.metrics.size-all-mem-tables
state.backend.rocksdb.metrics.stall-micros state.backend.rocksdb.metrics.total-sst-files-size
state.backend.rocksdb.rescaling.use-delete-files-in-range state.backend.rocksdb.use-bloom-filter
state.backend.rocksdb.use-ingest-db-restore-mode state.changelog.enabled
state.changelog.periodic-materialize.enabled state.checkpoint.cleaner.parallel-mode
state.checkpoints.create-subdir state.latency-track.keyed-state-enabled
state.latency-track.state-name-as-variable state.size-track.keyed-state-enabled
state.size-track.state-name-as-variable statebackend.useManagedMemory taskmanager.data.ssl.enabled
taskmanager.debug.memory.log taskmanager.debug.memory.startLogThread taskmanager.exit-on-fatal-akka-error
taskmanager.jvm-exit-on-oom taskmanager.network.batch-shuffle.compression.enabled
taskmanager.network.blocking-shuffle.compression.enabled taskmanager.network.detailed-metrics
taskmanager.network.hybrid-shuffle.enable-new-mode taskmanager.network.memory.buffer-debloat.enabled
taskmanager.network.tcp-connection.enable-reuse-across-jobs taskmanager.runtime.hashjoin-bloom-filters
taskmanager.runtime.large-record-handler taskmanager.system-out.log.thread-name.enabled
traces.report-events-as-spans web.cancel.enable web.rescale.enable web.ssl.enabled web.submit.enable
zookeeper.sasl.disable
`
