#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.2.
# Input: fields of int with the defaults 1.5 and 2147483648 (one more than an int has), one of long with 0.5, and an enum whose default
#   is the empty text.
# Behaviour: hamba takes them: it cuts the fraction off, keeps the number that is no int, and has an enum without a default. Java
#   refuses them.
# Seen: "java:  refused refused refused refused", "hamba: 1 2147483648 0 none".
# What follows: who checks defaults with hamba reads another value than was written down, or learns of it from the registry. The
#   provider looks at defaults itself (internal/core/avro).
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
		schema, err := avro.ParseWithCache(text, "", &avro.SchemaCache{})
		if err != nil {
			fmt.Print(" refused")
			continue
		}
		switch schema := schema.(type) {
		case *avro.RecordSchema:
			fmt.Printf(" %v", schema.Fields()[0].Default())
		case *avro.EnumSchema:
			if schema.HasDefault() {
				fmt.Print(" " + schema.Default())
			} else {
				fmt.Print(" none")
			}
		}
	}
	fmt.Println()
}
GO
field() { printf '{"type":"record","name":"A","fields":[{"name":"n","type":"%s","default":%s}]}' "$1" "$2"; }
schemas=("$(field int 1.5)" "$(field int 2147483648)" "$(field long 0.5)" '{"type":"enum","name":"E","symbols":["A"],"default":""}')
java=$(java -cp 'lib/*' Take.java "${schemas[@]}" 2>log) || { cat log >&2; exit 2; }
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
hamba=$(./finding "${schemas[@]}") || exit 2
printf 'java:  %s\nhamba:%s\n' "$java" "$hamba"
if [ "$java" != "refused refused refused refused" ] || [ "$hamba" != " 1 2147483648 0 none" ]; then
  echo "CHANGED: other defaults are taken"
  exit 1
fi
