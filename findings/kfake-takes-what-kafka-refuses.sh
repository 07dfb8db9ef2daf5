#!/usr/bin/env bash
# Libraries: github.com/twmb/franz-go/pkg/kfake v0.0.0-20260918054303-01f206a7e32c, a Kafka for tests, with franz-go 1.22.3 and kadm
#   1.20.0; and org.apache.kafka:kafka-clients 3.9.1, Topic.validate, by which a broker checks the name of a topic.
# Input: topics as a typing mistake makes them: named "a b" and "..", with retention.ms = forever, and with three replicas on one broker.
# Behaviour: kfake creates the first three, and Kafka refuses both names. kfake does check the number of replicas.
# Seen: "a b: kfake takes it, Kafka refuses it", "..: kfake takes it, Kafka refuses it", "retention.ms = forever: kfake takes it",
#   "three replicas: kfake refuses it".
# What follows: a test against kfake does not show that Kafka would create a topic. The provider creates no topics so far.
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
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-clients</artifactId>
      <version>3.9.1</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
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
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
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
		var refused *kerr.Error
		_, err := kadm.NewClient(client).CreateTopic(ctx, 1, topic.replicas, topic.config, topic.name)
		switch {
		case errors.As(err, &refused):
			told = "refuses it"
		case err != nil:
			told = err.Error()
		}
		fmt.Println(told)
	}
}
GO
prepare go mod init finding
prepare go get github.com/twmb/franz-go@v1.22.3 github.com/twmb/franz-go/pkg/kadm@v1.20.0 \
  github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c
prepare go mod tidy
prepare go build -o finding .
./finding >fake.txt || exit 2
mapfile -t fake <fake.txt
java -cp 'lib/*' Names.java "a b" .. >kafka.txt 2>log || { cat log >&2; exit 2; }
mapfile -t kafka <kafka.txt
printf 'a b: kfake %s, Kafka %s\n..: kfake %s, Kafka %s\nretention.ms = forever: kfake %s\nthree replicas: kfake %s\n' \
  "${fake[0]}" "${kafka[0]}" "${fake[1]}" "${kafka[1]}" "${fake[2]}" "${fake[3]}"
if [ "${fake[*]}" != "takes it takes it takes it refuses it" ] || [ "${kafka[*]}" != "refuses it refuses it" ]; then
  echo "CHANGED: other topics are taken"
  exit 1
fi
