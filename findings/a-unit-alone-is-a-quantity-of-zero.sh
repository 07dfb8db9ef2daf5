#!/usr/bin/env bash
# Libraries: k8s.io/apimachinery 0.37.2, resource.ParseQuantity, and io.fabric8:kubernetes-model-core 7.3.1, Quantity, which the Flink
#   Kubernetes Operator 1.15 reads with.
# Input: quantities as a typing mistake makes them, "Gi" and "m" without their number, the large number "9Ei", and "2Gi" for comparison.
# Behaviour: Go reads a unit alone as 0, without an error, and Java refuses it. Go makes the largest number there is of a larger one, and
#   Java rounds its unit to sixteen digits.
# Seen: "Gi: go 0, java refused", "m: go 0, java refused", "9Ei: go 9223372036854775807, java 10376293541461623000", "2Gi: go
#   2147483648, java 2147483648".
# What follows: what an API server takes, the operator may not. The provider refuses a quantity without a digit
#   (internal/core/flink/memory.go, ParseQuantity; TestParseQuantity).
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
      <version>7.3.1</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
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
prepare go mod init finding
prepare go get k8s.io/apimachinery@v0.37.2
prepare go mod tidy
texts=(Gi m 9Ei 2Gi)
prepare go build -o finding .
./finding "${texts[@]}" >go.txt || exit 2
mapfile -t go <go.txt
java -cp 'lib/*' Amounts.java "${texts[@]}" >java.txt 2>log || { cat log >&2; exit 2; }
mapfile -t java <java.txt
for i in "${!texts[@]}"; do
  echo "${texts[i]}: go ${go[i]}, java ${java[i]}"
done
if [ "${go[*]}" != "0 0 9223372036854775807 2147483648" ] || [ "${java[*]}" != "refused refused 10376293541461623000 2147483648" ]; then
  echo "CHANGED: other quantities"
  exit 1
fi
