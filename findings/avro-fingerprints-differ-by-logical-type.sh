#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.0, the fingerprint CRC-64-AVRO of a schema.
# Input: a schema without a logical type, {"type":"record","name":"A","fields":[{"name":"t","type":"long"}]}, and the same one with
#   the logical types timestamp-millis and timestamp-nanos.
# Behaviour: Avro's parsing canonical form has no logical types, so both have one fingerprint for Java. hamba keeps the ones that it
#   knows, and has two. One that it does not know, as timestamp-nanos, it drops.
# Seen: "java:  9ecdaff13988af43 9ecdaff13988af43 9ecdaff13988af43", "hamba: 9ecdaff13988af43 f821e282d4999065 9ecdaff13988af43".
# What follows: by a fingerprint of the one nobody finds a schema of the other, for example that of a single-object message. The provider
#   compares whole schemas, in which a logical type counts.
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
      <groupId>org.apache.avro</groupId>
      <artifactId>avro</artifactId>
      <version>1.12.0</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
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
java -cp 'lib/*' Prints.java "${schemas[@]}" >java.txt 2>log || { cat log >&2; exit 2; }
mapfile -t java <java.txt
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
./finding "${schemas[@]}" >hamba.txt || exit 2
mapfile -t hamba <hamba.txt
printf 'java:  %s\nhamba: %s\n' "${java[*]}" "${hamba[*]}"
if [ "${java[0]}" != "${java[1]}" ] || [ "${java[0]}" != "${java[2]}" ] || [ "${hamba[0]}" != "${java[0]}" ] ||
  [ "${hamba[1]}" = "${hamba[0]}" ] || [ "${hamba[2]}" != "${hamba[0]}" ]; then
  echo "CHANGED: other fingerprints"
  exit 1
fi
