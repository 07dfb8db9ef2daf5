#!/usr/bin/env bash
# Library: github.com/twmb/franz-go/pkg/kadm v1.20.0 with franz-go 1.22.3, CreateTopic of a client with default options; the broker is
#   kfake v0.0.0-20260918054303-01f206a7e32c.
# Input: the connection ends when a broker has created a topic and its answer is on the way: once as the first answer on that connection,
#   and once after another topic was created over it.
# Behaviour: on a connection that has been in use the create is sent again without a word, and the caller is told that the topic exists
#   already: its own. On one that is new the error is that of the connection, with a guess about SASL.
# Seen: "used connection, 2 creates: TOPIC_ALREADY_EXISTS: Topic with this name already exists.", "new connection, 1 create: the connection
#   closed before an answer", and both topics are there.
# What follows: neither error tells whether the topic was created, and by whom. The provider switches the retries of the library off, looks
#   whether a topic is there before it creates it, and looks again when an answer is lost (internal/kafka/create.go; TestLostAnswers).
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
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// createTopics is the kind of the request.
const createTopics = 19

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

// network ends the connection with the answer to one create.
type network struct{ creates, loses atomic.Int32 }

type connection struct {
	net.Conn
	of    *network
	loses atomic.Bool
}

func (c *connection) Write(request []byte) (int, error) {
	if len(request) > 6 && binary.BigEndian.Uint16(request[4:]) == createTopics && c.of.creates.Add(1) == c.of.loses.Load() {
		c.loses.Store(true)
	}
	return c.Conn.Write(request)
}

func (c *connection) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if c.loses.Load() {
		c.Close()
		return 0, io.EOF
	}
	return n, err
}

func try(cluster *kfake.Cluster, topic string, used bool) string {
	network := &network{}
	network.loses.Store(1)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(func(ctx context.Context, kind, address string) (net.Conn, error) {
		opened, err := (&net.Dialer{}).DialContext(ctx, kind, address)
		return &connection{Conn: opened, of: network}, err
	}))
	must(err)
	defer client.Close()
	admin := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if used {
		network.loses.Store(2)
		_, err := admin.CreateTopic(ctx, 1, 1, nil, "before-"+topic)
		must(err)
		network.creates.Add(-1)
		network.loses.Store(1)
	}
	_, err = admin.CreateTopic(ctx, 1, 1, nil, topic)
	var early *kgo.ErrFirstReadEOF
	told := fmt.Sprint(err)
	if !errors.Is(err, kerr.TopicAlreadyExists) && errors.As(err, &early) {
		told = "the connection closed before an answer"
	}
	creates := fmt.Sprint(network.creates.Load(), " creates")
	if network.creates.Load() == 1 {
		creates = "1 create"
	}
	return creates + ": " + told
}

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	must(err)
	defer cluster.Close()
	fmt.Println("used connection,", try(cluster, "used", true))
	fmt.Println("new connection,", try(cluster, "new", false))
	for _, topic := range []string{"used", "new"} {
		fmt.Printf("%s is there: %t\n", topic, cluster.TopicInfo(topic) != nil)
	}
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
used connection, 2 creates: TOPIC_ALREADY_EXISTS: Topic with this name already exists.
new connection, 1 create: the connection closed before an answer
used is there: true
new is there: true
TXT
if ! cmp -s seen.txt want.txt; then
  echo "CHANGED: a lost answer is told otherwise"
  exit 1
fi
