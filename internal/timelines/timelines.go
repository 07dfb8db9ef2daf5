// Package timelines has the recordings of the real Flink Kubernetes Operator
// by which tests judge what the provider and the stand-in believe of it. Only
// tests import it.
package timelines

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed" // The recordings are part of the test binary: a test never passes without them.
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing/fstest"
)

//go:embed timelines.tgz
var archive []byte

// Files has the recordings as <version>/<scenario>.jsonl, for example
// "1.15.0/app-create.jsonl", and the core/v1 Events of each scenario beside it
// as <scenario>.events.jsonl.
//
// A line of a recording is a JSON object with the time t, in seconds since the
// first write of the scenario, and either an action, which is what the client
// did, or the type and the object of an event of a watch. Times below zero are
// of objects that were there before. Recorded with operator 1.15.0 and Flink
// 1.20.1, and with operator 1.7.0 and Flink 1.18.1, both with a reconcile
// interval of 5 s.
func Files() (fs.FS, error) { return unpacked() }

var unpacked = sync.OnceValues(func() (fs.FS, error) {
	packed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("read the recorded timelines: %w", err)
	}
	files := fstest.MapFS{}
	for in := tar.NewReader(packed); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the recorded timelines: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read the recorded timeline %s: %w", header.Name, err)
		}
		files[header.Name] = &fstest.MapFile{Data: content, Mode: 0o444, ModTime: header.ModTime}
	}
})
