#!/usr/bin/env bash
# Library: io.strimzi:crd-generator 0.45.0 (1.2.0 does the same on Java 25), the program that makes Strimzi's custom resource
#   definitions, with io.strimzi:api 0.45.0.
# Input: its own command line for the KafkaTopic, with the file to write given once as "topic.yaml" and once as "./topic.yaml".
# Behaviour: a file name without a folder ends it with a NullPointerException, since it asks the parent of the file whether it exists
#   and such a name has none. The same name behind "./" is written.
# Seen: "topic.yaml: NullPointerException", "./topic.yaml: CustomResourceDefinition".
# What follows: internal/devcluster/real/strimzi gives it a whole path.
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
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.strimzi</groupId>
      <artifactId>api</artifactId>
      <version>0.45.0</version>
    </dependency>
    <dependency>
      <groupId>io.strimzi</groupId>
      <artifactId>crd-generator</artifactId>
      <version>0.45.0</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
made() {
  rm -f topic.yaml
  java -cp 'lib/*' io.strimzi.crdgenerator.CrdGenerator --target-kube 1.16+ --crd-api-version v1 --api-versions v1beta2 \
    --storage-version v1beta2 --yaml "io.strimzi.api.kafka.model.topic.KafkaTopic=$1" >log 2>&1 || true
  if [ -s topic.yaml ]; then
    sed -n 's/^kind: //p' topic.yaml
  else
    grep -o 'NullPointerException' log | head -n 1
  fi
}
bare=$(made topic.yaml) || { cat log >&2; exit 2; }
behind=$(made ./topic.yaml) || { cat log >&2; exit 2; }
printf '%s\n' "topic.yaml: $bare" "./topic.yaml: $behind"
if [ "$bare" != NullPointerException ] || [ "$behind" != CustomResourceDefinition ]; then
  echo "CHANGED: another outcome"
  exit 1
fi
