package flink

// The lists of keys, for tests of what reads configurations.
const (
	MemoryKeys  = memoryKeys
	BooleanKeys = booleanKeys
)
