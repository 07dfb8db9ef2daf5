#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.2.
# Input: a record that uses another one by its alias, which Avro has for readers alone; and a record of no namespace ("namespace": "")
#   within one of the namespace shop.
# Behaviour: hamba takes an alias for a name, and gives the second record the namespace around it. For Java and by the specification
#   the alias is no type, and an empty namespace is none.
# Seen: "java:  refused A", "hamba: taken shop.A".
# What follows: an alias of A finds it or not, depending on who reads. The provider resolves names itself (internal/core/avro).
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
cat >Names.java <<'JAVA'
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

public class Names {
    public static void main(String[] schemas) {
        String alias = "taken";
        try {
            new Schema.Parser().parse(schemas[0]);
        } catch (AvroRuntimeException e) {
            alias = "refused";
        }
        System.out.println(alias + " " + new Schema.Parser().parse(schemas[1]).getField("a").schema().getFullName());
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
	alias := "taken"
	if _, err := avro.ParseWithCache(os.Args[1], "", &avro.SchemaCache{}); err != nil {
		alias = "refused"
	}
	schema, err := avro.ParseWithCache(os.Args[2], "", &avro.SchemaCache{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	inner := schema.(*avro.RecordSchema).Fields()[0].Type().(avro.NamedSchema)
	fmt.Println(alias, inner.FullName())
}
GO
schemas=(
  '{"type":"record","name":"T","fields":[{"name":"a","type":{"type":"record","name":"A","aliases":["Old"],"fields":[]}},{"name":"b","type":"Old"}]}'
  '{"type":"record","name":"T","namespace":"shop","fields":[{"name":"a","type":{"type":"record","name":"A","namespace":"","fields":[]}}]}'
)
java=$(java -cp 'lib/*' Names.java "${schemas[@]}" 2>log) || { cat log >&2; exit 2; }
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
hamba=$(./finding "${schemas[@]}") || exit 2
printf 'java:  %s\nhamba: %s\n' "$java" "$hamba"
if [ "$java" != "refused A" ] || [ "$hamba" != "taken shop.A" ]; then
  echo "CHANGED: other names"
  exit 1
fi
