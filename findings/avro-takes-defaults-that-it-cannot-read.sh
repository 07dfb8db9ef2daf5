#!/usr/bin/env bash
# Library: org.apache.avro:avro 1.12.2, Schema.Parser and GenericDatumReader.
# Input: a reader's field that the writer does not have, with these defaults: of an enum of A the text "B"; of bytes the character U+0100,
#   where only U+0000 to U+00FF are bytes; of a fixed of two bytes the texts "a" and "abc"; of a double the text "NaN".
# Behaviour: the parser checks defaults, but of an enum, of bytes and of a fixed only that they are texts. The reader then refuses the enum,
#   reads a question mark for the character, fills the short fixed with a zero and cuts the long one. A text for a double is a number to
#   it, though the specification has JSON numbers there.
# Seen: "enum: refused, bytes: 3f, fixed: 6100 6162, double: NaN".
# What follows: a registry takes the schema, and the job fails at the first record without the field, or reads another value. The provider
#   refuses the first two (internal/core/avro/defaults.go) and takes the others, as all who use Java do.
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
cat >Defaults.java <<'JAVA'
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

public class Defaults {
    public static void main(String[] none) throws Exception {
        System.out.printf("enum: %s, bytes: %s, fixed: %s %s, double: %s%n",
            read("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "B"), read("\"bytes\"", "\\u0100"),
            read("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "a"), read("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "abc"),
            read("\"double\"", "NaN"));
    }

    private static Object read(String type, String value) throws Exception {
        Schema writer = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"T\",\"fields\":[]}");
        Schema reader = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"x\",\"type\":" + type + ",\"default\":\"" + value + "\"}]}");
        try {
            Object x = new GenericDatumReader<GenericRecord>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(new byte[0], null)).get("x");
            if (x instanceof ByteBuffer bytes) {
                return HexFormat.of().formatHex(bytes.array());
            }
            return x instanceof GenericFixed fixed ? HexFormat.of().formatHex(fixed.bytes()) : x;
        } catch (AvroRuntimeException e) {
            return "refused";
        }
    }
}
JAVA
said=$(java -cp 'lib/*' Defaults.java 2>log) || { cat log >&2; exit 2; }
echo "$said"
if [ "$said" != "enum: refused, bytes: 3f, fixed: 6100 6162, double: NaN" ]; then
  echo "CHANGED: other defaults are taken or read"
  exit 1
fi
