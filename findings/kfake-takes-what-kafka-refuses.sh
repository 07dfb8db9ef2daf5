#!/usr/bin/env bash
# Libraries: github.com/twmb/franz-go/pkg/kfake v0.0.0-20260918054303-01f206a7e32c, a Kafka for tests, and
#   org.apache.kafka:kafka-clients 3.9.1, Topic.validate, by which brokers and clients check a name.
# Input: topics with the names "a b" and "..", one with retention.ms = forever, and one with more replicas than there are brokers.
# Behaviour: kfake creates the first three; Kafka refuses both names, and a broker would refuse the value. The number of replicas is
#   checked. Names that differ in . and _ alone are refused as Kafka refuses them, so that names look checked.
# Seen: "a b: kfake takes it, Kafka refuses it", the same for "..", "retention.ms = forever: kfake takes it",
#   "three replicas: kfake refuses them".
# What follows: a test against kfake does not show that a topic can be created. Names and values are checked before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-clients</artifactId>
      <version>3.9.1</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
cat >Names.java <<'JAVA'
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

public class Names {
    public static void main(String[] names) {
        for (String name : names) {
            try {
                Topic.validate(name);
                System.out.println("takes it");
            } catch (InvalidTopicException e) {
                System.out.println("refuses it");
            }
        }
    }
}
JAVA
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	forever := "forever"
	for _, topic := range []struct {
		name     string
		replicas int16
		config   map[string]*string
	}{{"a b", 1, nil}, {"..", 1, nil}, {"valid", 1, map[string]*string{"retention.ms": &forever}}, {"three", 3, nil}} {
		told := "takes it"
		if _, err := kadm.NewClient(client).CreateTopic(ctx, 1, topic.replicas, topic.config, topic.name); err != nil {
			told = "refuses it"
		}
		fmt.Println(told)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/twmb/franz-go@v1.22.3 github.com/twmb/franz-go/pkg/kadm@v1.20.0 \
  github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
mapfile -t fake < <(go run .)
mapfile -t kafka < <(java -cp 'lib/*' Names.java "a b" .. 2>/dev/null)
printf 'a b: kfake %s, Kafka %s\n..: kfake %s, Kafka %s\nretention.ms = forever: kfake %s\nthree replicas: kfake %s\n' \
  "${fake[0]}" "${kafka[0]}" "${fake[1]}" "${kafka[1]}" "${fake[2]}" "${fake[3]}"
if [ "${fake[*]}" != "takes it takes it takes it refuses it" ] || [ "${kafka[*]}" != "refuses it refuses it" ]; then
  echo "CHANGED: other topics are taken"
  exit 1
fi
