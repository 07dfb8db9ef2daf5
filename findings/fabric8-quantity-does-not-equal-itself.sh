#!/usr/bin/env bash
# Library: io.fabric8:kubernetes-model-core 7.8.0, Quantity, by which the Flink Kubernetes Operator 1.16.1 holds resources.requests and
#   resources.limits.
# Input: "2g", a size of memory as Flink writes it, and "2Gi" and "2048m", which are Kubernetes' own, each beside a second quantity of
#   the same text.
# Behaviour: a quantity can be made of any text, and is given back as it was. Only who compares it with another one meets an exception:
#   "2g" does not equal itself. The operator compares specifications, so it takes such a one once and fails at its next look.
# Seen: "2Gi: true", "2048m: true", "2g: NumberFormatException".
# What follows: the provider refuses memory of requests and limits that is no Kubernetes quantity, at plan, and advises "2Gi"
#   (internal/core/fko/validate_amounts.go; TestResourcesAsTheOperator, held to the operator's classes, and TestValidateResources).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.fabric8</groupId>
      <artifactId>kubernetes-model-core</artifactId>
      <version>7.8.0</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Same.java <<'JAVA'
import io.fabric8.kubernetes.api.model.Quantity;

public class Same {
    public static void main(String[] texts) {
        for (String text : texts) {
            Quantity first = new Quantity(text);
            Quantity second = new Quantity(text);
            try {
                System.out.println(text + ": " + first.equals(second));
            } catch (RuntimeException e) {
                System.out.println(text + ": " + e.getClass().getSimpleName());
            }
        }
    }
}
JAVA
java -cp 'lib/*' Same.java 2Gi 2048m 2g >seen 2>log || { cat log >&2; exit 2; }
cat seen
if [ "$(paste -s -d , seen)" != "2Gi: true,2048m: true,2g: NumberFormatException" ]; then
  echo "CHANGED: quantities compare otherwise"
  exit 1
fi
