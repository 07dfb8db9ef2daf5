package org.apache.flink.autoscaler;

/** A kind of plugin that the operator looks for when it starts; there is none. */
public interface ScalingExecutorPlugin<KEY> {}
