package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	c := &cli{variables: []string{"-var=image=flink:1.18", "-var=state_folder=/x"}}
	for name, test := range map[string]struct{ args, want []string }{
		"a plan":               {[]string{"plan", "-out=a.tfplan"}, []string{"plan", "-var=image=flink:1.18", "-var=state_folder=/x", "-out=a.tfplan"}},
		"an apply of a plan":   {[]string{"apply", "a.tfplan"}, []string{"apply", "a.tfplan"}},
		"a destroy":            {[]string{"destroy", "-auto-approve"}, []string{"destroy", "-var=image=flink:1.18", "-var=state_folder=/x", "-auto-approve"}},
		"what takes no values": {[]string{"show", "-json", "a.tfplan"}, []string{"show", "-json", "a.tfplan"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, c.complete(test.args)); diff != "" {
				t.Errorf("the arguments differ (-want +got):\n%s", diff)
			}
		})
	}
}
