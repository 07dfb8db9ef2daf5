#!/usr/bin/env bash
# Tool: Kafka 4.4.0 (org.apache.kafka:kafka_2.13), one broker in KRaft mode, and its own admin client.
# Input: a topic with retention.ms "+0604800000", min.cleanable.dirty.ratio " 5e-1", cleanup.policy "compact, delete,compact", preallocate
#   "TRUE" and compression.type " gzip", all of which it accepts; and a topic with none.
# Behaviour: each value is described in the form that Kafka would have written it in, and not in the one it was set in: numbers, booleans
#   and lists are parsed, an item that stands twice is there once, and blanks at the ends go also from texts. An item of the list keeps its
#   place. And a new cluster has a value of all brokers that nobody has set, min.insync.replicas, which is described with each topic beside
#   its own as no default.
# Seen: "cleanup.policy = compact,delete", "compression.type = gzip", "min.cleanable.dirty.ratio = 0.5", "preallocate = true",
#   "retention.ms = 604800000", and of both topics "min.insync.replicas = 1 (DYNAMIC_DEFAULT_BROKER_CONFIG)".
# What follows: who compares texts sees a change that no apply ends, and who takes what is no default for a topic's own sees a key that
#   nobody has asked for. The provider reads values as Kafka does, and looks at a topic's own alone (internal/kafka/values.go and
#   describe.go; TestBrokerReadsValues, TestBrokerDefaults).
set -euo pipefail
folder=$(mktemp -d)
broker=
end() {
  if [ -n "$broker" ]; then
    kill "$broker" 2>/dev/null || true
    wait "$broker" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap end EXIT
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
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>4.4.0</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
port=$((20000 + RANDOM % 6000 * 2))
cat >server.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:$((port + 1))
log.dirs=$PWD/data
log.cleaner.dedupe.buffer.size=2097152
PROPERTIES
prepare java -cp 'lib/*' kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ --standalone -c server.properties
java -Xmx256m -XX:+UseSerialGC -cp 'lib/*' kafka.Kafka server.properties >server.log 2>&1 &
broker=$!
for ((i = 0; i < 600; i++)); do
  if grep -q 'Kafka Server started' server.log; then break; fi
  kill -0 "$broker" 2>/dev/null || break
  sleep 0.1
done
grep -q 'Kafka Server started' server.log || { tail -n 20 server.log >&2; exit 2; }
cat >Values.java <<'JAVA'
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

public class Values {
    public static void main(String[] args) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            NewTopic some = new NewTopic("some", Optional.empty(), Optional.empty()).configs(Map.of(
                "retention.ms", "+0604800000", "min.cleanable.dirty.ratio", " 5e-1", "cleanup.policy", "compact, delete,compact",
                "preallocate", "TRUE", "compression.type", " gzip"));
            admin.createTopics(List.of(some, new NewTopic("none", Optional.empty(), Optional.empty()))).all().get();
            for (String name : List.of("some", "none")) {
                ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
                TreeMap<String, String> described = new TreeMap<>();
                admin.describeConfigs(List.of(topic)).all().get().get(topic).entries().forEach(entry -> {
                    if (!entry.isDefault()) {
                        described.put(entry.name(), entry.name() + " = " + entry.value() + " (" + entry.source() + ")");
                    }
                });
                described.values().forEach(line -> System.out.println(name + ": " + line));
            }
        }
    }
}
JAVA
java -cp 'lib/*' Values.java "127.0.0.1:$port" >seen.txt 2>log || { cat log >&2; exit 2; }
cat seen.txt
cat >want.txt <<'TXT'
some: cleanup.policy = compact,delete (DYNAMIC_TOPIC_CONFIG)
some: compression.type = gzip (DYNAMIC_TOPIC_CONFIG)
some: min.cleanable.dirty.ratio = 0.5 (DYNAMIC_TOPIC_CONFIG)
some: min.insync.replicas = 1 (DYNAMIC_DEFAULT_BROKER_CONFIG)
some: preallocate = true (DYNAMIC_TOPIC_CONFIG)
some: retention.ms = 604800000 (DYNAMIC_TOPIC_CONFIG)
none: min.insync.replicas = 1 (DYNAMIC_DEFAULT_BROKER_CONFIG)
TXT
if ! cmp -s seen.txt want.txt; then
  echo "CHANGED: values are described otherwise"
  exit 1
fi
