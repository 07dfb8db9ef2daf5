package org.apache.flink.autoscaler;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.autoscaler.config.AutoScalerOptions;
import org.apache.flink.autoscaler.event.AutoScalerEventHandler;
import org.apache.flink.autoscaler.realizer.ScalingRealizer;
import org.apache.flink.autoscaler.state.AutoScalerStateStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** In the place of the autoscaler: scales no job, and says so once of each that asks for it. */
public class JobAutoScalerImpl<KEY, Context extends JobAutoScalerContext<KEY>> implements JobAutoScaler<KEY, Context> {
    private static final Logger LOG = LoggerFactory.getLogger(JobAutoScalerImpl.class);

    private final Set<KEY> told = ConcurrentHashMap.newKeySet();

    /** Takes what the autoscaler works with; none of it is asked anything. */
    public JobAutoScalerImpl(
            ScalingMetricCollector<KEY, Context> collector,
            ScalingMetricEvaluator evaluator,
            ScalingExecutor<KEY, Context> executor,
            AutoScalerEventHandler<KEY, Context> events,
            ScalingRealizer<KEY, Context> realizer,
            AutoScalerStateStore<KEY, Context> store) {}

    @Override
    public void scale(Context context) {
        if (context.getConfiguration().get(AutoScalerOptions.AUTOSCALER_ENABLED) && told.add(context.getJobKey())) {
            LOG.warn("The job {} is not scaled: this operator runs without its autoscaler, which is not published", context.getJobKey());
        }
    }

    @Override
    public void cleanup(Context context) {
        told.remove(context.getJobKey());
    }
}
