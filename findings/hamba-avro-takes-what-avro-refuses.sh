#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.2.
# Input: six texts: the bare word int (no JSON), the JSON value null, an object whose type is a union, a fixed of the size 1.5, a union of
#   long and of long as timestamp-millis, and a record that is named string.
# Behaviour: hamba takes all of them, and Java none.
# Seen: "java:  refused refused refused refused refused refused", "hamba: taken taken taken taken taken taken".
# What follows: a check with hamba passes a schema that no registry takes. The provider reads schemas itself, by Java's rules
#   (internal/core/avro).
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
      <version>1.12.2</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Take.java <<'JAVA'
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

public class Take {
    public static void main(String[] schemas) {
        StringBuilder said = new StringBuilder();
        for (String schema : schemas) {
            try {
                new Schema.Parser().parse(schema);
                said.append(" taken");
            } catch (AvroRuntimeException e) {
                said.append(" refused");
            }
        }
        System.out.println(said.substring(1));
    }
}
JAVA
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
)

func main() {
	for _, text := range os.Args[1:] {
		// A cache of its own: the one of the process knows what was read before.
		if _, err := avro.ParseWithCache(text, "", &avro.SchemaCache{}); err != nil {
			fmt.Print(" refused")
			continue
		}
		fmt.Print(" taken")
	}
	fmt.Println()
}
GO
schemas=('int' 'null' '{"type":["null","int"]}' '{"type":"fixed","name":"F","size":1.5}'
  '["long",{"type":"long","logicalType":"timestamp-millis"}]' '{"type":"record","name":"string","fields":[]}')
java=$(java -cp 'lib/*' Take.java "${schemas[@]}" 2>log) || { cat log >&2; exit 2; }
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
hamba=$(./finding "${schemas[@]}") || exit 2
printf 'java:  %s\nhamba:%s\n' "$java" "$hamba"
if [ "$java" != "refused refused refused refused refused refused" ] || [ "$hamba" != " taken taken taken taken taken taken" ]; then
  echo "CHANGED: other schemas are taken"
  exit 1
fi
