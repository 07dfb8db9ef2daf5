#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.0, the fingerprint CRC-64-AVRO of a schema.
# Input: a schema without a logical type, {"type":"record","name":"A","fields":[{"name":"t","type":"long"}]}, and the same one with
#   the logical type timestamp-millis.
# Behaviour: Avro's parsing canonical form has no logical types, so both have one fingerprint for Java. hamba keeps the ones that it
#   knows, and has two. One that it does not know, as timestamp-nanos, it drops.
# Seen: "java: plain = timestamp-millis = timestamp-nanos", "hamba: plain = java's, timestamp-millis differs, timestamp-nanos = plain".
# What follows: a fingerprint of the one finds no schema of the other in a registry or a single-object message. What compares schemas
#   compares their texts, or uses one of the two only.
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
      <groupId>org.apache.avro</groupId>
      <artifactId>avro</artifactId>
      <version>1.12.0</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
cat >Prints.java <<'JAVA'
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

public class Prints {
    public static void main(String[] schemas) {
        for (String text : schemas) {
            System.out.printf("%016x%n", SchemaNormalization.parsingFingerprint64(new Schema.Parser().parse(text)));
        }
    }
}
JAVA
cat >main.go <<'GO'
package main

import (
	"encoding/binary"
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
)

func main() {
	for _, text := range os.Args[1:] {
		sum, err := avro.MustParse(text).FingerprintUsing(avro.CRC64Avro)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Printf("%016x\n", binary.BigEndian.Uint64(sum))
	}
}
GO
schema() { printf '{"type":"record","name":"A","fields":[{"name":"t","type":%s}]}' "$1"; }
schemas=("$(schema '"long"')" "$(schema '{"type":"long","logicalType":"timestamp-millis"}')" "$(schema '{"type":"long","logicalType":"timestamp-nanos"}')")
mapfile -t java < <(java -cp 'lib/*' Prints.java "${schemas[@]}" 2>/dev/null)
go mod init finding >/dev/null 2>&1
go get github.com/hamba/avro/v2@v2.31.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
mapfile -t hamba < <(go run . "${schemas[@]}")
printf 'java:  %s\nhamba: %s\n' "${java[*]}" "${hamba[*]}"
if [ "${java[0]}" != "${java[1]}" ] || [ "${java[0]}" != "${java[2]}" ] || [ "${hamba[0]}" != "${java[0]}" ] ||
  [ "${hamba[1]}" = "${hamba[0]}" ] || [ "${hamba[2]}" != "${hamba[0]}" ]; then
  echo "CHANGED: other fingerprints"
  exit 1
fi
