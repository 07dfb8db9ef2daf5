#!/usr/bin/env bash
# Library: org.apache.flink:flink-core 1.20.1, MemorySize.parse and TimeUtils.parseDuration; io.fabric8:kubernetes-model-core 7.3.1,
#   Quantity, by which the Flink Kubernetes Operator 1.15 reads quantities.
# Input: sizes and durations that are valid for one of them or for both.
# Behaviour: one text is two sizes: "1G" is 2^30 bytes for Flink and 10^9 for Kubernetes, and a bare "1m" a mebibyte and a thousandth of
#   a byte. Flink refuses what Kubernetes recommends, "1Gi". In a duration "M" is a minute as "min" is, and no unit is milliseconds.
# Seen: "1G 1073741824 1000000000", "1m 1048576 0.001", "1Gi refused 1073741824", "60 PT0.06S", "1 M PT1M", "1 min PT1M".
# What follows: a size is compared by the reader that the attribute has, and a remedy is written in its words
#   (internal/core/flink/memory.go, duration.go; TestParseMemory, TestParseDuration).
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
      <artifactId>flink-core</artifactId>
      <version>1.20.1</version>
    </dependency>
    <dependency>
      <groupId>io.fabric8</groupId>
      <artifactId>kubernetes-model-core</artifactId>
      <version>7.3.1</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Sizes.java <<'JAVA'
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

public class Sizes {
    static String size(String text) {
        String flink;
        try {
            flink = Long.toString(MemorySize.parse(text).getBytes());
        } catch (IllegalArgumentException e) {
            flink = "refused";
        }
        return text + " " + flink + " " + Quantity.getAmountInBytes(new Quantity(text)).stripTrailingZeros().toPlainString();
    }

    static String duration(String text) {
        return text + " " + TimeUtils.parseDuration(text);
    }

    public static void main(String[] args) {
        var seen = List.of(size("1G"), size("1m"), size("1Gi"), duration("60"), duration("1 M"), duration("1 min"));
        System.out.println(String.join("\n", seen));
        var known = List.of("1G 1073741824 1000000000", "1m 1048576 0.001", "1Gi refused 1073741824", "60 PT0.06S", "1 M PT1M", "1 min PT1M");
        if (!(seen.equals(known))) {
            System.out.println("CHANGED: other sizes or durations");
            System.exit(3);
        }
    }
}
JAVA
look java -cp 'lib/*' Sizes.java
