package operator

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func TestAnAccountTellsEachThingOnce(t *testing.T) {
	for _, test := range []struct {
		name string
		told []string
		adds []string
		want []string
	}{
		{"what the headline says", []string{"the job fails: main threw: no topic"}, []string{"IllegalStateException: no topic", "main threw: no topic"}, nil},
		{"the same with a reason and a container", nil, []string{"ErrImagePull: [flink-main-container] cannot fetch a:1", "ErrImagePull: cannot fetch a:1."}, []string{"ErrImagePull: [flink-main-container] cannot fetch a:1"}},
		{"the same with a few words more", nil, []string{"cannot fetch a:1 from its registry", "Failed (3 times): Pull: cannot fetch a:1 from its registry -> no"}, []string{"cannot fetch a:1 from its registry"}},
		{"a reason that has been told", nil, []string{"CrashLoopBackOff: back-off restarting", "BackOff: CrashLoopBackOff"}, []string{"CrashLoopBackOff: back-off restarting"}},
		{"more than has been told", nil, []string{"OOMKilled", "Killed: OOMKilled after it used 2 GiB of memory"}, []string{"OOMKilled", "Killed: OOMKilled after it used 2 GiB of memory"}},
		{"something else", []string{"the job fails"}, []string{"FailedScheduling: no node", ""}, []string{"FailedScheduling: no node"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			account := accountAfter(test.told...)
			for _, text := range test.adds {
				account.add("somebody", text)
			}
			var want []string
			for _, text := range test.want {
				want = append(want, "  somebody: "+text)
			}
			if got := account.String(); got != strings.Join(want, "\n") {
				t.Errorf("told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		})
	}
	account := accountAfter()
	account.event(kube.Event{Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "JobException", Count: 2, Message: "a.b.C: no topic\n\tat a.b.C.run(C.java:1)"})
	if got := account.String(); got != "  event of FlinkDeployment orders: JobException (2 times): a.b.C: no topic" {
		t.Errorf("told %q", got)
	}
}
