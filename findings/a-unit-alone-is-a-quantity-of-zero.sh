#!/usr/bin/env bash
# Libraries: k8s.io/apimachinery 0.37.2, resource.ParseQuantity, and io.fabric8:kubernetes-model-core 6.13.4, Quantity, which the Flink
#   Kubernetes Operator reads with.
# Input: quantities as somebody writes them whose number got lost or is too large: "Gi", "m", "9Ei", and 2Gi for comparison.
# Behaviour: in Go a unit alone is 0, without an error, and what is too large becomes the largest number there is. In Java a unit alone
#   is an error, and the large number is rounded to sixteen digits.
# Seen: "Gi: go 0, java refused", "m: go 0, java refused", "9Ei: go 9223372036854775807, java 10376293541461623000", "2Gi: both alike".
# What follows: an API server takes a memory limit of "Gi" for 0, and the operator fails on it. The provider refuses a quantity without
#   a digit (internal/core/flink/memory.go, ParseQuantity; TestParseQuantity).
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
      <groupId>io.fabric8</groupId>
      <artifactId>kubernetes-model-core</artifactId>
      <version>6.13.4</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
cat >Amounts.java <<'JAVA'
import io.fabric8.kubernetes.api.model.Quantity;

public class Amounts {
    public static void main(String[] texts) {
        for (String text : texts) {
            try {
                System.out.println(Quantity.getAmountInBytes(new Quantity(text)).toBigInteger());
            } catch (IllegalArgumentException e) {
                System.out.println("refused");
            }
        }
    }
}
JAVA
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range os.Args[1:] {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			fmt.Println("refused")
			continue
		}
		fmt.Println(quantity.Value())
	}
}
GO
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
texts=(Gi m 9Ei 2Gi)
mapfile -t go < <(go run . "${texts[@]}")
mapfile -t java < <(java -cp 'lib/*' Amounts.java "${texts[@]}" 2>/dev/null)
for i in "${!texts[@]}"; do
  echo "${texts[i]}: go ${go[i]}, java ${java[i]}"
done
if [ "${go[*]}" != "0 0 9223372036854775807 2147483648" ] || [ "${java[*]}" != "refused refused 10376293541461623000 2147483648" ]; then
  echo "CHANGED: other quantities"
  exit 1
fi
