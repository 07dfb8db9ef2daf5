package rollout

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// inWords returns a specification of the record in the platform's words.
func (r Record) inWords(spec flink.Tree) flink.Tree {
	if r.Words == "" {
		return spec
	}
	words, err := flink.ParseTree([]byte(r.Words))
	if err != nil || !flink.Equal(spec, words) {
		return spec
	}
	return words
}

// sentence is an error as a sentence.
func sentence(err error) string { return flink.Sentence(err.Error()) }
