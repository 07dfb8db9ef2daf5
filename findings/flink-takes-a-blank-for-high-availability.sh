#!/usr/bin/env bash
# Library: org.apache.flink:flink-runtime 1.20.1, HighAvailabilityMode, which the Flink Kubernetes Operator asks too.
# Input: values of high-availability.type: the documented kubernetes and NONE, an empty text, and NONE with a blank before it.
# Behaviour: what is not the name of a mode, in upper or lower case, is the name of a class, and a class is high availability: an empty
#   text turns it on, and so does " NONE".
# Seen: "kubernetes on, KUBERNETES on, NONE off, none off, '' on, ' NONE' on".
# What follows: the operator counts on metadata that no JobManager keeps, for example to go on from the last state. The provider
#   refuses such values at plan (internal/core/fko/validate_conffile.go; TestValidateConfiguration, "blank high availability").
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
      <artifactId>flink-runtime</artifactId>
      <version>1.20.1</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
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
        if (!(seen.equals("kubernetes on, KUBERNETES on, NONE off, none off, '' on, ' NONE' on"))) {
            System.out.println("CHANGED: other values are high availability");
            System.exit(3);
        }
    }
}
JAVA
look java -cp 'lib/*' Modes.java
