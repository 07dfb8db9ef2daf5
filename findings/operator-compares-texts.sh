#!/usr/bin/env bash
# Library: org.apache.flink:flink-kubernetes-operator 1.7.0, ReflectiveDiffBuilder, by which the operator decides what a change does.
# Input: pairs of valid specifications that mean the same: memory of 2048m and 2g, a CPU quantity of 500m and 0.5 in a pod template,
#   a checkpoint interval of 60 s and 1 min.
# Behaviour: other words for the same memory or interval are an UPGRADE, which stops the job and starts it again. Quantities in pod
#   templates are compared by their meaning.
# Seen: "memory UPGRADE", "interval UPGRADE", "quantity in a pod template NONE".
# What follows: the provider writes the words that the cluster has when a value means the same (internal/core/flink/keep.go,
#   observe.go; TestWritesKeepTheClustersWords, TestAccLeftToOthers).
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
      <artifactId>flink-kubernetes-operator</artifactId>
      <version>1.7.0</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Pairs.java <<'JAVA'
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec;
import org.apache.flink.kubernetes.operator.api.spec.KubernetesDeploymentMode;
import org.apache.flink.kubernetes.operator.reconciler.diff.ReflectiveDiffBuilder;

public class Pairs {
    static String differences(String name, String before, String after) throws Exception {
        var mapper = new ObjectMapper();
        var one = mapper.readValue(before, FlinkDeploymentSpec.class);
        var other = mapper.readValue(after, FlinkDeploymentSpec.class);
        var diff = new ReflectiveDiffBuilder<>(KubernetesDeploymentMode.NATIVE, one, other).build();
        var told = diff.getNumDiffs() == 0 ? "NONE" : diff.getType().toString();
        System.out.println(name + " " + told);
        return told;
    }

    public static void main(String[] args) throws Exception {
        var size = "{\"jobManager\":{\"resource\":{\"cpu\":1,\"memory\":\"%s\"}}}";
        var interval = "{\"flinkConfiguration\":{\"execution.checkpointing.interval\":\"%s\"}}";
        var quantity = "{\"podTemplate\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"resources\":{\"limits\":{\"cpu\":\"%s\"}}}]}}}";
        var memory = differences("memory", size.formatted("2048m"), size.formatted("2g"));
        var time = differences("interval", interval.formatted("60 s"), interval.formatted("1 min"));
        var amount = differences("quantity in a pod template", quantity.formatted("500m"), quantity.formatted("0.5"));
        if (!(memory + time + amount).equals("UPGRADEUPGRADENONE")) {
            System.out.println("CHANGED: other pairs count as differences");
            System.exit(3);
        }
    }
}
JAVA
look java -cp 'lib/*' Pairs.java
