package flink

// Keys are all those of Flink, for tests of what reads configurations.
func Keys() []string {
	keys := make([]string, 0, len(options()))
	for key := range options() {
		keys = append(keys, key)
	}
	return keys
}
