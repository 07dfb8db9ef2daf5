#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.0, and 1.11.4 before it.
# Input: a record with an optional field whose default is that of the second branch: ["null", "string"] with the default "x".
# Behaviour: since Avro 1.12 the default may be of any branch of the union, before only of the first. Java 1.12 takes the schema,
#   Java 1.11 and hamba refuse it.
# Seen: "java 1.12.0: taken", "java 1.11.4: refused", "hamba: refused".
# What follows: a schema that a registry of today has taken may be none for a program in Go, and for jobs on an older Avro, as Flink
#   1.20 has it. What checks schemas says which rule refuses them, and in which order the branches would pass.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
)

func main() {
	if _, err := avro.Parse(os.Args[1]); err != nil {
		fmt.Println("refused")
		return
	}
	fmt.Println("taken")
}
GO
cat >Take.java <<'JAVA'
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;

public class Take {
    public static void main(String[] schemas) {
        try {
            new Schema.Parser().parse(schemas[0]);
            System.out.println("taken");
        } catch (AvroTypeException e) {
            System.out.println("refused");
        }
    }
}
JAVA
schema='{"type":"record","name":"A","fields":[{"name":"note","type":["null","string"],"default":"x"}]}'
java_of() {
  mkdir "$1"
  cat >"$1/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.avro</groupId>
      <artifactId>avro</artifactId>
      <version>$1</version>
    </dependency>
  </dependencies>
</project>
XML
  mvn -q -B -f "$1/pom.xml" dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
  java -cp "$1/lib/*" Take.java "$schema" 2>/dev/null
}
new=$(java_of 1.12.0)
old=$(java_of 1.11.4)
go mod init finding >/dev/null 2>&1
go get github.com/hamba/avro/v2@v2.31.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
hamba=$(go run . "$schema")
printf 'java 1.12.0: %s\njava 1.11.4: %s\nhamba: %s\n' "$new" "$old" "$hamba"
if [ "$new $old $hamba" != "taken refused refused" ]; then
  echo "CHANGED: another rule for defaults"
  exit 1
fi
