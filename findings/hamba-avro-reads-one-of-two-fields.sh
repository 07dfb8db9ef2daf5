#!/usr/bin/env bash
# Libraries: github.com/hamba/avro/v2 2.31.0, SchemaCompatibility, and org.apache.avro:avro 1.12.2.
# Input: the writer has the fields a and b, and the reader one field: a with the alias b; and another reader c with the aliases a and b.
# Behaviour: the reader's field stands for both fields of the writer. Java's check fails on it ("matches multiple fields"), and so does its
#   reader. To hamba the pair is compatible.
# Seen: "java:  fails, not read; fails, not read", "hamba: COMPATIBLE; COMPATIBLE".
# What follows: a check with hamba passes what a job in Java cannot read. The provider names both fields of the writer in the mismatch.
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
cat >Check.java <<'JAVA'
import java.io.ByteArrayOutputStream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

public class Check {
    public static void main(String[] schemas) throws Exception {
        Schema reader = new Schema.Parser().parse(schemas[0]);
        Schema writer = new Schema.Parser().parse(schemas[1]);
        String check = "fails";
        try {
            check = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType().toString();
        } catch (AvroRuntimeException e) {
        }
        String reading = "read";
        for (Object value : new RandomData(writer, 50, 1L)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            new GenericDatumWriter<Object>(writer).write(value, encoder);
            encoder.flush();
            try {
                new GenericDatumReader<Object>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
            } catch (AvroRuntimeException e) {
                reading = "not read";
            }
        }
        System.out.println(check + ", " + reading);
    }
}
JAVA
check() { java -cp 'lib/*' Check.java "$1" "$2" 2>log || { cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
)

func main() {
	// A cache of its own for each: the one of the process knows what was read before.
	reader, err := avro.ParseWithCache(os.Args[1], "", &avro.SchemaCache{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	writer, err := avro.ParseWithCache(os.Args[2], "", &avro.SchemaCache{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := avro.NewSchemaCompatibility().Compatible(reader, writer); err != nil {
		fmt.Println("INCOMPATIBLE")
		return
	}
	fmt.Println("COMPATIBLE")
}
GO
writer='{"type":"record","name":"T","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}'
named='{"type":"record","name":"T","fields":[{"name":"a","type":"int","aliases":["b"]}]}'
renamed='{"type":"record","name":"T","fields":[{"name":"c","type":"int","aliases":["a","b"]}]}'
first=$(check "$named" "$writer")
second=$(check "$renamed" "$writer")
java="$first; $second"
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
first=$(./finding "$named" "$writer") || exit 2
second=$(./finding "$renamed" "$writer") || exit 2
hamba="$first; $second"
printf 'java:  %s\nhamba: %s\n' "$java" "$hamba"
if [ "$java" != "fails, not read; fails, not read" ] || [ "$hamba" != "COMPATIBLE; COMPATIBLE" ]; then
  echo "CHANGED: two fields for one"
  exit 1
fi
