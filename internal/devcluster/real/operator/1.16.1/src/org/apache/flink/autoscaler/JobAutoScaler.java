package org.apache.flink.autoscaler;

/** What the operator asks about each job when it reconciles it, and when the job is removed. */
public interface JobAutoScaler<KEY, Context extends JobAutoScalerContext<KEY>> {
    /** Scales the job of a context where its configuration asks for that. */
    void scale(Context context) throws Exception;

    /** Forgets the job of a context. */
    void cleanup(Context context);
}
