#!/usr/bin/env bash
# Library: github.com/twmb/franz-go/pkg/kadm v1.20.0 with franz-go 1.22.3, ListTopics of a client with default options; the broker is
#   kfake v0.0.0-20260918054303-01f206a7e32c, whose answers to a metadata request are right at once.
# Input: a topic is asked for, created, asked for, deleted, asked for, created again with other partitions, and asked for.
# Behaviour: ListTopics answers from a memory of five seconds (MetadataMinAge), what was not there included. A create or a delete by the
#   same client does not end it. A kmsg.MetadataRequest asks the broker, and renews the memory.
# Seen: "created: UNKNOWN_TOPIC_OR_PARTITION, by request 1 partition", "deleted: 1 partition, by request UNKNOWN_TOPIC_OR_PARTITION",
#   "created again: UNKNOWN_TOPIC_OR_PARTITION, by request 2 partitions", each within a second.
# What follows: to wait by ListTopics for what was written is to wait for the memory, and a topic that is there looks absent. The provider
#   asks by requests of its own (internal/kafka/describe.go; TestBrokerTopicLife).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

func told(partitions int, err error) string {
	switch code, ok := err.(*kerr.Error); {
	case err == nil && partitions == 1:
		return "1 partition"
	case err == nil:
		return fmt.Sprint(partitions, " partitions")
	case ok:
		return code.Message
	}
	return err.Error()
}

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	must(err)
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	must(err)
	defer client.Close()
	admin := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	listed := func() string {
		topics, err := admin.ListTopics(ctx, "orders")
		must(err)
		return told(len(topics["orders"].Partitions), topics["orders"].Err)
	}
	// Another client asks: one's own request would renew the memory.
	other, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	must(err)
	defer other.Close()
	asked := func() string {
		name := "orders"
		request := kmsg.NewPtrMetadataRequest()
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		request.Topics = append(request.Topics, topic)
		answer, err := request.RequestWith(ctx, other)
		must(err)
		return told(len(answer.Topics[0].Partitions), kerr.ErrorForCode(answer.Topics[0].ErrorCode))
	}
	create := func(partitions int32) {
		_, err := admin.CreateTopic(ctx, partitions, 1, nil, "orders")
		must(err)
	}
	listed()
	create(1)
	fmt.Printf("created: %s, by request %s\n", listed(), asked())
	// The first look at a topic that is there.
	time.Sleep(6 * time.Second)
	listed()
	_, err = admin.DeleteTopics(ctx, "orders")
	must(err)
	fmt.Printf("deleted: %s, by request %s\n", listed(), asked())
	time.Sleep(6 * time.Second)
	listed()
	create(2)
	fmt.Printf("created again: %s, by request %s\n", listed(), asked())
}
GO
prepare go mod init finding
prepare go get github.com/twmb/franz-go@v1.22.3 github.com/twmb/franz-go/pkg/kadm@v1.20.0 \
  github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c
prepare go mod tidy
prepare go build -o finding .
./finding >seen.txt || { cat seen.txt >&2; exit 2; }
cat seen.txt
cat >want.txt <<'TXT'
created: UNKNOWN_TOPIC_OR_PARTITION, by request 1 partition
deleted: 1 partition, by request UNKNOWN_TOPIC_OR_PARTITION
created again: UNKNOWN_TOPIC_OR_PARTITION, by request 2 partitions
TXT
if ! cmp -s seen.txt want.txt; then
  echo "CHANGED: it remembers something else"
  exit 1
fi
