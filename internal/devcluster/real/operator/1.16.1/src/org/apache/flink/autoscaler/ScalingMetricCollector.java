package org.apache.flink.autoscaler;

/** Collects nothing. */
public abstract class ScalingMetricCollector<KEY, Context extends JobAutoScalerContext<KEY>> {}
