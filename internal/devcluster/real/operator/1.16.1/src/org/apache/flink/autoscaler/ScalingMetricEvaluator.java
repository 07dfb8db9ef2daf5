package org.apache.flink.autoscaler;

import java.util.Collection;
import org.apache.flink.autoscaler.metrics.ScalingMetricsEvaluatorPlugin;

/** Evaluates nothing. */
public class ScalingMetricEvaluator {
    public ScalingMetricEvaluator(Collection<ScalingMetricsEvaluatorPlugin> plugins) {}
}
