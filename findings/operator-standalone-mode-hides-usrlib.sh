#!/usr/bin/env bash
# Library: org.apache.flink:flink-kubernetes-standalone 1.7.0, UserLibMountDecorator, by which the Flink Kubernetes Operator makes the
#   JobManager's pod of an application in standalone mode.
# Input: pods of an application whose job is in file:///opt/flink/usrlib/orders.jar, a folder of the image that Flink's own
#   documentation proposes: one without volumes, and one whose container mounts a volume there.
# Behaviour: the first gets an empty folder mounted over /opt/flink/usrlib, which hides the file; the second stays as it is.
# Seen: "without a volume: user-lib-dir at /opt/flink/usrlib, emptyDir", "with one: jars at /opt/flink/usrlib".
# What follows: a deployment that runs in native mode fails in standalone mode with a class that is not found, seen on a real cluster
#   with operator 1.7.0 and Flink 1.18. The provider warns at plan (internal/core/fko/validate_job.go, visibleJAR;
#   TestValidateWhereTheJarIs).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.flink</groupId>
      <artifactId>flink-kubernetes-standalone</artifactId>
      <version>1.7.0</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Mount.java <<'JAVA'
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.client.deployment.ClusterSpecification.ClusterSpecificationBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.kubernetes.kubeclient.FlinkPod;
import org.apache.flink.kubernetes.operator.kubeclient.decorators.UserLibMountDecorator;
import org.apache.flink.kubernetes.operator.kubeclient.parameters.StandaloneKubernetesJobManagerParameters;
import org.apache.flink.kubernetes.operator.standalone.StandaloneKubernetesConfigOptionsInternal;
import org.apache.flink.kubernetes.operator.standalone.StandaloneKubernetesConfigOptionsInternal.ClusterMode;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.api.model.ContainerBuilder;
import org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.api.model.PodBuilder;

public class Mount {
    static String of(FlinkPod pod) {
        Configuration configuration = new Configuration();
        configuration.set(StandaloneKubernetesConfigOptionsInternal.CLUSTER_MODE, ClusterMode.APPLICATION);
        configuration.set(PipelineOptions.CLASSPATHS, List.of("file:///opt/flink/usrlib/orders.jar"));
        var parameters = new StandaloneKubernetesJobManagerParameters(configuration, new ClusterSpecificationBuilder().createClusterSpecification());
        FlinkPod made = new UserLibMountDecorator(parameters).decorateFlinkPod(pod);
        String mounts = made.getMainContainer().getVolumeMounts().stream().map(m -> m.getName() + " at " + m.getMountPath()).collect(Collectors.joining(", "));
        String volumes = made.getPodWithoutMainContainer().getSpec().getVolumes().stream()
                .map(v -> v.getEmptyDir() != null ? ", emptyDir" : ", other").collect(Collectors.joining());
        return mounts + volumes;
    }

    public static void main(String[] args) {
        String without = of(new FlinkPod.Builder().build());
        var container = new ContainerBuilder().addNewVolumeMount().withName("jars").withMountPath("/opt/flink/usrlib").endVolumeMount().build();
        var rest = new PodBuilder().withNewMetadata().endMetadata().withNewSpec().endSpec().build();
        String with = of(new FlinkPod(rest, container));
        System.out.println("without a volume: " + without + "\nwith one: " + with);
        if (!without.equals("user-lib-dir at /opt/flink/usrlib, emptyDir") || !with.equals("jars at /opt/flink/usrlib")) {
            System.out.println("CHANGED: the pods are made in another way");
            System.exit(3);
        }
    }
}
JAVA
look java -cp 'lib/*' Mount.java
