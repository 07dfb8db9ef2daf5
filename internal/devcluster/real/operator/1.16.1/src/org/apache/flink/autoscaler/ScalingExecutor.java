package org.apache.flink.autoscaler;

import java.util.Collection;
import org.apache.flink.autoscaler.alignment.ParallelismAlignmentMode;
import org.apache.flink.autoscaler.event.AutoScalerEventHandler;
import org.apache.flink.autoscaler.resources.ResourceCheck;
import org.apache.flink.autoscaler.state.AutoScalerStateStore;

/** Executes nothing. */
public class ScalingExecutor<KEY, Context extends JobAutoScalerContext<KEY>> {
    public ScalingExecutor(
            AutoScalerEventHandler<KEY, Context> events,
            AutoScalerStateStore<KEY, Context> store,
            ResourceCheck resources,
            Collection<ScalingExecutorPlugin<KEY>> plugins,
            Collection<ParallelismAlignmentMode> alignments) {}
}
