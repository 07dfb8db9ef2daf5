package org.apache.flink.autoscaler;

/** For resources that have no job of their own. */
public class NoopJobAutoscaler<KEY, Context extends JobAutoScalerContext<KEY>> implements JobAutoScaler<KEY, Context> {
    @Override
    public void scale(Context context) {}

    @Override
    public void cleanup(Context context) {}
}
