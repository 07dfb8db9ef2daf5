package flink

// The keys below are those of operator 1.7 to 1.16 and of its autoscaler, by their
// types (KubernetesOperatorConfigOptions, KubernetesOperatorMetricOptions,
// FlinkBlueGreenDeploymentConfigOptions, AutoScalerOptions), former names beside the
// present ones. Those of the autoscaler have a former prefix too.

// operatorMemoryKeys hold a MemorySize, in bytes without a unit.
const operatorMemoryKeys = `
job.autoscaler.quota.memory kubernetes.operator.user.artifacts.max-size
`

// operatorDurationKeys hold a Duration, in milliseconds without a unit.
const operatorDurationKeys = `
job.autoscaler.backlog-processing.lag-threshold job.autoscaler.catch-up.duration
job.autoscaler.flink.rest-client.timeout job.autoscaler.history.max.age
job.autoscaler.metrics.window job.autoscaler.observed-true-processing-rate.lag-threshold
job.autoscaler.restart.time job.autoscaler.restart.time-tracking.limit
job.autoscaler.scale-down.interval job.autoscaler.scale-up.grace-period
job.autoscaler.scaling.event.interval job.autoscaler.stabilization.interval
kubernetes.operator.bluegreen.abort.grace-period
kubernetes.operator.bluegreen.deployment-deletion.delay
kubernetes.operator.bluegreen.reconciliation.reschedule-interval
kubernetes.operator.checkpoint.trigger.grace-period
kubernetes.operator.cluster.health-check.checkpoint-progress.window
kubernetes.operator.cluster.health-check.restarts.window
kubernetes.operator.cluster.resource-view.refresh-interval kubernetes.operator.config.cache.timeout
kubernetes.operator.deployment.readiness.timeout kubernetes.operator.dynamic.config.check.interval
kubernetes.operator.flink.client.cancel.timeout kubernetes.operator.flink.client.timeout
kubernetes.operator.health.canary.resource.timeout kubernetes.operator.jm-deployment.shutdown-ttl
kubernetes.operator.job.submission.timeout
kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age
kubernetes.operator.kubernetes.client.metrics.slow.request.threshold
kubernetes.operator.leader-election.lease-duration
kubernetes.operator.leader-election.renew-deadline kubernetes.operator.leader-election.retry-period
kubernetes.operator.observer.flink.client.timeout
kubernetes.operator.observer.progress-check.interval kubernetes.operator.observer.rest-ready.delay
kubernetes.operator.observer.savepoint.trigger.grace-period
kubernetes.operator.rate-limiter.refresh-period kubernetes.operator.reconcile.interval
kubernetes.operator.reconciler.flink.cancel.job.timeout
kubernetes.operator.reconciler.flink.cluster.shutdown.timeout
kubernetes.operator.reconciler.reschedule.interval kubernetes.operator.resource.cleanup.timeout
kubernetes.operator.retry.initial.interval kubernetes.operator.retry.max.interval
kubernetes.operator.savepoint.history.max.age
kubernetes.operator.savepoint.history.max.age.threshold
kubernetes.operator.savepoint.trigger.grace-period kubernetes.operator.termination.timeout
kubernetes.operator.user.artifacts.http.socket-timeout
kubernetes.operator.user.artifacts.http.total-timeout
`

// operatorDecimalKeys hold a Double.
const operatorDecimalKeys = `
job.autoscaler.memory.gc-pressure.threshold job.autoscaler.memory.heap-usage.threshold
job.autoscaler.memory.tuning.overhead job.autoscaler.observed-scalability.coefficient-min
job.autoscaler.observed-true-processing-rate.switch-threshold job.autoscaler.quota.cpu
job.autoscaler.scale-down.max-factor job.autoscaler.scale-up.max-factor
job.autoscaler.scaling.effectiveness.threshold job.autoscaler.target.utilization
job.autoscaler.target.utilization.boundary job.autoscaler.utilization.max
job.autoscaler.utilization.min job.autoscaler.utilization.target
kubernetes.operator.retry.interval.multiplier
`

// operatorEnumKeys hold a name, read without regard to case.
const operatorEnumKeys = `
job.autoscaler.metrics.busy-time.aggregator job.autoscaler.scaling.key-group.partitions.adjust.mode
kubernetes.operator.checkpoint.type kubernetes.operator.resource.deletion.propagation
kubernetes.operator.savepoint.format.type
`

// operatorIntegerKeys hold an Integer.
const operatorIntegerKeys = `
job.autoscaler.history.max.count job.autoscaler.observed-scalability.min-observations
job.autoscaler.observed-true-processing-rate.min-observations job.autoscaler.vertex.max-parallelism
job.autoscaler.vertex.min-parallelism kubernetes.operator.cluster.health-check.restarts.threshold
kubernetes.operator.config.cache.size kubernetes.operator.events.exceptions.limit-per-reconciliation
kubernetes.operator.events.exceptions.stacktrace-lines
kubernetes.operator.exception.field.max.length kubernetes.operator.exception.stacktrace.max.length
kubernetes.operator.exception.throwable.list.max.count kubernetes.operator.health.probe.port
kubernetes.operator.metrics.histogram.sample.size kubernetes.operator.rate-limiter.limit
kubernetes.operator.reconcile.parallelism kubernetes.operator.reconciler.max.parallelism
kubernetes.operator.retry.max.attempts kubernetes.operator.savepoint.history.max.count
kubernetes.operator.savepoint.history.max.count.threshold
`

// operatorBooleanKeys hold true or false, read without regard to case.
const operatorBooleanKeys = `
job.autoscaler.enabled job.autoscaler.memory.tuning.enabled
job.autoscaler.memory.tuning.maximize-managed-memory
job.autoscaler.memory.tuning.scale-down-compensation.enabled
job.autoscaler.observed-scalability.enabled job.autoscaler.restart.time-tracking.enabled
job.autoscaler.scaling.effectiveness.detection.enabled job.autoscaler.scaling.enabled
kubernetes.operator.cluster.health-check.checkpoint-progress.enabled
kubernetes.operator.cluster.health-check.enabled kubernetes.operator.deployment.rollback.enabled
kubernetes.operator.dynamic.config.enabled kubernetes.operator.dynamic.namespaces.enabled
kubernetes.operator.exception.stacktrace.enabled kubernetes.operator.health.probe.enabled
kubernetes.operator.ingress.manage kubernetes.operator.jm-deployment-recovery.enabled
kubernetes.operator.jm-deployment.startup.probe.enabled
kubernetes.operator.job.drain-on-savepoint-deletion kubernetes.operator.job.restart.failed
kubernetes.operator.job.savepoint-on-deletion
kubernetes.operator.job.upgrade.ignore-pending-savepoint
kubernetes.operator.job.upgrade.inplace-scaling.enabled
kubernetes.operator.job.upgrade.last-state-fallback.enabled
kubernetes.operator.job.upgrade.last-state.job-cancel.enabled
kubernetes.operator.josdk.metrics.enabled kubernetes.operator.jvm.metrics.enabled
kubernetes.operator.kubernetes.client.metrics.enabled
kubernetes.operator.kubernetes.client.metrics.http.response.code.groups.enabled
kubernetes.operator.leader-election.enabled kubernetes.operator.pod-template.merge-arrays-by-name
kubernetes.operator.reconciler.jm-deployment-recovery.enabled
kubernetes.operator.resource.lifecycle.metrics.enabled
kubernetes.operator.resource.lifecycle.namespace.histograms.enabled
kubernetes.operator.resource.metrics.enabled kubernetes.operator.savepoint.cleanup.enabled
kubernetes.operator.savepoint.dispose-on-delete kubernetes.operator.session.block-on-unmanaged-jobs
kubernetes.operator.session.deletion.block-on-session-jobs
kubernetes.operator.session.deletion.block-on-unmanaged-jobs
kubernetes.operator.snapshot.resource.enabled kubernetes.operator.startup.stop-on-informer-error
kubernetes.operator.user.artifacts.disallow-restricted-hosts
`
