#!/usr/bin/env bash
# Libraries: org.apache.flink:flink-core 1.20.1 and 2.3.0, the serializer of generic types (KryoSerializer) and what a savepoint keeps of
#   it (TypeSerializerSnapshot).
# Input: a value of a class with a number, a fraction and a text, which is none of Flink's POJOs, written by 1.20.1 together with the
#   snapshot of its serializer, as state is; then read by 1.20.1 and by 2.3.0.
# Behaviour: 2.3.0 says of the snapshot that it is compatible as it is, and then does not read the value that 1.20.1 wrote: the numbers by
#   which Kryo knows classes have moved. So what Flink checks when a job restores proves nothing about such state.
# Seen: "1.20.1: compatible as is, 42 0.5 orders", "2.3.0: compatible as is, UnsupportedOperationException".
# What follows: a plan does not call state kept from Flink 1 to 2. It is at risk, an error until upgrade.accept_state_risk names the
#   change (internal/core/flink/state_risk_version.go; TestStateRisksOfAnotherVersion, and TestStateTable on real jobs).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
for version in 1.20.1 2.3.0; do
  cat >pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.flink</groupId>
      <artifactId>flink-core</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
  prepare mvn -B dependency:copy-dependencies -DoutputDirectory="lib-$version" -DincludeScope=runtime
done
cat >Seen.java <<'JAVA'
public class Seen {
    private final long count;
    private final double share;
    private final String name;

    public Seen(long count, double share, String name) {
        this.count = count;
        this.share = share;
        this.name = name;
    }

    @Override
    public String toString() {
        return count + " " + share + " " + name;
    }
}
JAVA
cat >Travel.java <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

public class Travel {
    public static void main(String[] args) throws Exception {
        TypeSerializer<Seen> serializer = TypeInformation.of(Seen.class).createSerializer(new SerializerConfigImpl());
        if (args[0].equals("write")) {
            DataOutputSerializer snapshot = new DataOutputSerializer(64);
            TypeSerializerSnapshot.writeVersionedSnapshot(snapshot, serializer.snapshotConfiguration());
            Files.write(Path.of("snapshot"), snapshot.getCopyOfBuffer());
            DataOutputSerializer value = new DataOutputSerializer(64);
            serializer.serialize(new Seen(42, 0.5, "orders"), value);
            Files.write(Path.of("value"), value.getCopyOfBuffer());
            return;
        }
        TypeSerializerSnapshot<Seen> written = TypeSerializerSnapshot.readVersionedSnapshot(read("snapshot"), Travel.class.getClassLoader());
        boolean asIs = serializer.snapshotConfiguration().resolveSchemaCompatibility(written).isCompatibleAsIs();
        String value;
        try {
            value = serializer.deserialize(read("value")).toString();
        } catch (RuntimeException e) {
            value = e.getClass().getSimpleName();
        }
        System.out.println((asIs ? "compatible as is, " : "not compatible as is, ") + value);
    }

    private static DataInputDeserializer read(String file) throws Exception {
        return new DataInputDeserializer(Files.readAllBytes(Path.of(file)));
    }
}
JAVA
prepare javac -cp 'lib-1.20.1/*' -d classes Seen.java Travel.java
open=(--add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED)
prepare java "${open[@]}" -cp 'classes:lib-1.20.1/*' Travel write
for version in 1.20.1 2.3.0; do
  echo "$version: $(java "${open[@]}" -cp "classes:lib-$version/*" Travel read 2>log)" || { cat log >&2; exit 2; }
done | tee seen
if [ "$(paste -s -d ';' seen)" != "1.20.1: compatible as is, 42 0.5 orders;2.3.0: compatible as is, UnsupportedOperationException" ]; then
  echo "CHANGED: another verdict or value"
  exit 1
fi
