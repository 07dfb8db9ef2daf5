package org.apache.flink.autoscaler.metrics;

/** A kind of plugin that the operator looks for when it starts; there is none. */
public interface ScalingMetricsEvaluatorPlugin {}
