package org.apache.flink.kubernetes.operator.kubeclient;

import java.util.concurrent.ScheduledExecutorService;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.kubernetes.kubeclient.Fabric8FlinkKubeClient;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.client.NamespacedKubernetesClient;

/**
 * In the place of the client of standalone mode: the published one asks Flink 1.20 for a constructor that it no longer has.
 */
public abstract class Fabric8FlinkStandaloneKubeClient extends Fabric8FlinkKubeClient implements FlinkStandaloneKubeClient {
    private Fabric8FlinkStandaloneKubeClient(Configuration configuration, NamespacedKubernetesClient client, ScheduledExecutorService executor) {
        super(configuration, client, executor);
    }

    /** Fails: the operator shows this as the error of a resource in standalone mode. */
    public static Fabric8FlinkStandaloneKubeClient create(Configuration configuration, ScheduledExecutorService executor) {
        throw new UnsupportedOperationException(
                "this operator runs native mode alone: its module for standalone mode is not published; set mode to native, or use operator 1.7.0");
    }
}
