#!/usr/bin/env bash
# Library: org.apache.avro:avro 1.12.2, SchemaCompatibility and GenericDatumReader.
# Input: four pairs of a reader's and a writer's schema. (1) The reader has a and c, which has the alias a, and the writer has a.
#   (2) The reader's union has a.T with an int and b.T with a text, and the writer has a b.T with an int. (3) A record is renamed without
#   an alias. (4) A field has its own name among its aliases.
# Behaviour: the check that registries make and the reader of the same library differ. (1) The check pairs both fields with the writer's
#   a; the reader renames a to c, and misses a. (2) The check tries each branch; the reader takes the one of the full name. (3) The check
#   goes by the specification, by which the names match; the reader does not look at them. (4) The check fails: it counts one field twice.
# Seen: "1: COMPATIBLE, not read", "2: COMPATIBLE, not read", "3: INCOMPATIBLE, read", "4: fails, read".
# What follows: a registry takes a schema with which nothing can be read, and refuses one that reads. The provider has (1) and (4) as the
#   reader has, and (2) and (3) as the check has (internal/core/avro/testdata).
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
record() { printf '{"type":"record","name":"%s","fields":[%s]}' "$1" "$2"; }
int='{"name":"a","type":"int"}'
first=$(check "$(record T "$int,"'{"name":"c","type":"int","aliases":["a"]}')" "$(record T "$int")")
second=$(check "[$(record a.T "$int"),$(record b.T '{"name":"a","type":"string"}')]" "$(record b.T "$int")")
third=$(check "$(record New "$int")" "$(record Old "$int")")
fourth=$(check "$(record T '{"name":"a","type":"int","aliases":["a"]}')" "$(record T "$int")")
printf '1: %s\n2: %s\n3: %s\n4: %s\n' "$first" "$second" "$third" "$fourth"
if [ "$first; $second; $third; $fourth" != "COMPATIBLE, not read; COMPATIBLE, not read; INCOMPATIBLE, read; fails, read" ]; then
  echo "CHANGED: the check and the reader"
  exit 1
fi
