#!/usr/bin/env bash
# Libraries: github.com/johannesboyne/gofakes3 1.2.0, an S3 server for tests, and the client github.com/minio/minio-go 7.0.95.
# Input: the five bytes "state", written over plain HTTP once as an object and once as the only part of a multipart upload. Over plain HTTP
#   the client signs a body chunk by chunk (STREAMING-AWS4-HMAC-SHA256-PAYLOAD), so each chunk has a frame with its signature.
# Behaviour: gofakes3 takes the frames off an object, and not off a part: the object that is made of parts has them in its content. The upload
#   and its completion succeed.
# Seen: "as an object: state", "as a part: 5;chunk-signature=…".
# What follows: Flink's plugins for S3 write files of checkpoints as parts, in such chunks where the endpoint is plain HTTP, and a restore would
#   read the frames. The project's own test with an object store takes them off in front of gofakes3.
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
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const content = "state"

func main() {
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer server.Close()
	if err := show(context.Background(), strings.TrimPrefix(server.URL, "http://")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func show(ctx context.Context, endpoint string) error {
	client, err := minio.NewCore(endpoint, &minio.Options{Creds: credentials.NewStaticV4("key", "secret", ""), Region: "us-east-1"})
	if err != nil {
		return err
	}
	if err := client.MakeBucket(ctx, "flink", minio.MakeBucketOptions{}); err != nil {
		return err
	}
	if _, err := client.PutObject(ctx, "flink", "object", strings.NewReader(content), int64(len(content)), "", "", minio.PutObjectOptions{}); err != nil {
		return err
	}
	upload, err := client.NewMultipartUpload(ctx, "flink", "part", minio.PutObjectOptions{})
	if err != nil {
		return err
	}
	part, err := client.PutObjectPart(ctx, "flink", "part", upload, 1, strings.NewReader(content), int64(len(content)), minio.PutObjectPartOptions{})
	if err != nil {
		return err
	}
	parts := []minio.CompletePart{{PartNumber: 1, ETag: part.ETag}}
	if _, err := client.CompleteMultipartUpload(ctx, "flink", "part", upload, parts, minio.PutObjectOptions{}); err != nil {
		return err
	}
	signature := regexp.MustCompile(`=[0-9a-f]{64}(?s:.*)`)
	for _, name := range []string{"object", "part"} {
		object, _, _, err := client.GetObject(ctx, "flink", name, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		text, err := io.ReadAll(object)
		if err != nil {
			return err
		}
		fmt.Printf("as %s %s: %s\n", map[string]string{"object": "an", "part": "a"}[name], name, signature.ReplaceAllString(string(text), "=…"))
	}
	return nil
}
GO
prepare go mod init finding
prepare go get github.com/johannesboyne/gofakes3@v1.2.0 github.com/minio/minio-go/v7@v7.0.95
prepare go mod tidy
prepare go build -o finding .
seen=$(./finding) || exit 2
echo "$seen"
if [ "$seen" != $'as an object: state\nas a part: 5;chunk-signature=…' ]; then
  echo "CHANGED: other bytes are kept"
  exit 1
fi
