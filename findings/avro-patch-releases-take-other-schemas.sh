#!/usr/bin/env bash
# Library: org.apache.avro:avro 1.12.2, and 1.12.0 and 1.11.4 before it.
# Input: four schemas: a field whose type is the object {"type": "A"} with a name that was defined before; a namespace with a hyphen; a record
#   that is defined twice in the same words; and a record that is used before it is defined.
# Behaviour: what the parser takes changes within 1.12. 1.12.2 refuses the object with a name, which 1.12.0 takes, and takes the second
#   definition, which 1.12.0 refuses. Since 1.12 a hyphen is refused, and a name may be defined after its use, against the specification.
# Seen: "1.11.4: taken taken refused refused", "1.12.0: taken refused refused taken", "1.12.2: refused refused taken taken".
# What follows: a schema that a registry with one release of Avro takes may end a job with another one. The provider refuses all four: none
#   of them is taken by all releases (internal/core/avro/testdata).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
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
schemas=(
  '{"type":"record","name":"T","fields":[{"name":"a","type":{"type":"record","name":"A","fields":[]}},{"name":"b","type":{"type":"A"}}]}'
  '{"type":"record","name":"T","namespace":"my-shop","fields":[]}'
  '{"type":"record","name":"T","fields":[{"name":"a","type":{"type":"record","name":"A","fields":[]}},{"name":"b","type":{"type":"record","name":"A","fields":[]}}]}'
  '{"type":"record","name":"T","fields":[{"name":"a","type":"A"},{"name":"b","type":{"type":"record","name":"A","fields":[]}}]}'
)
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
  java -cp "$1/lib/*" Take.java "${schemas[@]}" 2>log || { cat log >&2; exit 2; }
}
old=$(java_of 1.11.4) || exit
first=$(java_of 1.12.0) || exit
new=$(java_of 1.12.2) || exit
printf '1.11.4: %s\n1.12.0: %s\n1.12.2: %s\n' "$old" "$first" "$new"
if [ "$old; $first; $new" != "taken taken refused refused; taken refused refused taken; refused refused taken taken" ]; then
  echo "CHANGED: other schemas are taken"
  exit 1
fi
