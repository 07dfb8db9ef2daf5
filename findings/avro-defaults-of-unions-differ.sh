#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0 and org.apache.avro:avro 1.12.0, and 1.11.4 before it.
# Input: a record with an optional field whose default is that of the second branch: ["null", "string"] with the default "x".
# Behaviour: since Avro 1.12 the default may be of any branch of the union, before only of the first. Java 1.12 takes the schema,
#   Java 1.11 and hamba refuse it.
# Seen: "java 1.12.0: taken", "java 1.11.4: refused", "hamba: refused".
# What follows: a registry of today takes a schema that a program in Go does not, and neither does a job of Flink 1.20, which has Avro
#   1.11.4. The default of the first branch suits all. The provider takes any branch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
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
  prepare mvn -B -f "$1/pom.xml" dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
  java -cp "$1/lib/*" Take.java "$schema" 2>log || { cat log >&2; exit 2; }
}
new=$(java_of 1.12.0) || exit
old=$(java_of 1.11.4) || exit
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
hamba=$(./finding "$schema") || exit 2
printf 'java 1.12.0: %s\njava 1.11.4: %s\nhamba: %s\n' "$new" "$old" "$hamba"
if [ "$new $old $hamba" != "taken refused refused" ]; then
  echo "CHANGED: another rule for defaults"
  exit 1
fi
