#!/usr/bin/env bash
# Libraries: org.apache.avro:avro 1.12.2, SchemaCompatibility, and github.com/hamba/avro/v2 2.31.0.
# Input: records A and B that hold each other; A has the field x, an int for the reader and a text for the writer. The reader's field "one"
#   is a union of A and of a record that takes any A by an alias, and the field "two" is a B.
# Behaviour: while it compares A, the check assumes that A is read, and notes on that ground that B is. A is not, but the union has another
#   branch for it; what was noted of B stays. So the check passes, and no B with an A in it can be read. With "two" alone, both see it.
# Seen: "java:  COMPATIBLE, not read; alone: INCOMPATIBLE, not read", "hamba: COMPATIBLE; alone: INCOMPATIBLE".
# What follows: a registry may take a schema of types that hold each other though it does not read what is there. The provider begins anew
#   when an assumption was wrong (internal/core/avro/resolution.go).
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
a() { printf '{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"record","name":"B","fields":[{"name":"a","type":["null","A"]}]}},{"name":"x","type":"%s"}]}' "$1"; }
two() { printf '{"type":"record","name":"T","fields":[{"name":"one","type":%s},{"name":"two","type":"B"}]}' "$1"; }
b() { printf '{"type":"record","name":"B","fields":[{"name":"a","type":["null",{"type":"record","name":"A","fields":[{"name":"b","type":"B"},{"name":"x","type":"%s"}]}]}]}' "$1"; }
reader=$(two "[$(a int),"'{"type":"record","name":"Any","aliases":["A"],"fields":[]}]')
writer=$(two "$(a string)")
both=$(check "$reader" "$writer")
alone=$(check "$(b int)" "$(b string)")
java="$both; alone: $alone"
prepare go mod init finding
prepare go get github.com/hamba/avro/v2@v2.31.0
prepare go mod tidy
prepare go build -o finding .
both=$(./finding "$reader" "$writer") || exit 2
alone=$(./finding "$(b int)" "$(b string)") || exit 2
hamba="$both; alone: $alone"
printf 'java:  %s\nhamba: %s\n' "$java" "$hamba"
if [ "$java" != "COMPATIBLE, not read; alone: INCOMPATIBLE, not read" ] || [ "$hamba" != "COMPATIBLE; alone: INCOMPATIBLE" ]; then
  echo "CHANGED: the check of types that hold each other"
  exit 1
fi
