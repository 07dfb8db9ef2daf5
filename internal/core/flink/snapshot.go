package flink

import (
	"regexp"
	"strings"
)

// checkpointName is the last step of a checkpoint's path
// (AbstractFsCheckpointStorageAccess.CHECKPOINT_DIR_PREFIX). Savepoints have
// names of their own.
var checkpointName = regexp.MustCompile(`(^|/)chk-[0-9]+$`)

// IsCheckpoint tells whether a path leads to a checkpoint, and not to a
// savepoint, which only its owner deletes.
func IsCheckpoint(path string) bool { return checkpointName.MatchString(SnapshotFolder(path)) }

// SnapshotFolder returns the folder of a savepoint or checkpoint, whose path may name the
// metadata in it.
func SnapshotFolder(path string) string {
	return strings.TrimSuffix(strings.TrimRight(path, "/"), "/_metadata")
}
