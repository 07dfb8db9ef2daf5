package flink

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
)

// nonceBits keeps a nonce exact in every JSON reader: below 2^53.
const nonceBits = 48

// restartNonce is the field of a specification that restarts a job.
const restartNonce = "restartNonce"

// RestartNonce returns the restart nonce that stands for some triggers: the same
// for the same triggers, another for others, positive and below 2^48. No
// triggers have none.
func RestartNonce(triggers map[string]string) *int64 {
	if len(triggers) == 0 {
		return nil
	}
	hash := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(triggers)) {
		for _, text := range []string{key, triggers[key]} {
			// The length keeps {"a": "bc"} and {"ab": "c"} apart.
			var length [8]byte
			binary.BigEndian.PutUint64(length[:], uint64(len(text)))
			hash.Write(length[:])
			hash.Write([]byte(text))
		}
	}
	nonce := int64(binary.BigEndian.Uint64(hash.Sum(nil)) >> (64 - nonceBits))
	if nonce == 0 {
		nonce = 1
	}
	return &nonce
}
