#!/usr/bin/env bash
# Library: org.apache.flink:flink-runtime 1.20.1, HighAvailabilityMode, which the Flink Kubernetes Operator asks too.
# Input: values of high-availability.type: the documented kubernetes and NONE, a blank text, and both words with a blank before them.
# Behaviour: what is not exactly the name of a mode, in any case, is the name of a class, and a class is high availability: a blank
#   text turns it on, and so does " NONE".
# Seen: "kubernetes on, KUBERNETES on, NONE off, none off, '' on, ' NONE' on".
# What follows: the operator counts on metadata that no JobManager keeps, for example to go on from the last state. The provider
#   refuses such values at plan (internal/core/fko/validate_conffile.go; TestValidateConfiguration, "blank high availability").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.flink</groupId>
      <artifactId>flink-runtime</artifactId>
      <version>1.20.1</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
cat >Modes.java <<'JAVA'
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;

public class Modes {
    static String of(String value) {
        var configuration = new Configuration();
        configuration.setString("high-availability.type", value);
        var name = value.isBlank() || !value.equals(value.trim()) ? "'" + value + "'" : value;
        return name + (HighAvailabilityMode.isHighAvailabilityModeActivated(configuration) ? " on" : " off");
    }

    public static void main(String[] args) {
        var seen = List.of("kubernetes", "KUBERNETES", "NONE", "none", "", " NONE").stream().map(Modes::of).collect(Collectors.joining(", "));
        System.out.println(seen);
        System.exit(seen.equals("kubernetes on, KUBERNETES on, NONE off, none off, '' on, ' NONE' on") ? 0 : 1);
    }
}
JAVA
java -cp 'lib/*' Modes.java 2>/dev/null || {
  echo "CHANGED: other values are high availability"
  exit 1
}
