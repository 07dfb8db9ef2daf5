package operator

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestInspect(t *testing.T) {
	const checkpoints = `{"counts":{"completed":3},"latest":{"completed":{"id":3,"external_path":"s3://cp/chk-3"},"savepoint":null,"restored":{"id":1,"is_savepoint":true,"external_path":"s3://sp/savepoint-1"}},"history":[]}`
	const exceptions = `{"root-exception":"org.apache.flink.runtime.JobException: Recovery is suppressed\n\tat x.y.Z\nCaused by: java.lang.IllegalStateException: asked to fail\n\tat a.b.C","exceptionHistory":{"entries":[]}}`
	for name, test := range map[string]struct {
		checkpoints, exceptions string
		want                    platform.JobDetails
	}{
		"everything":    {checkpoints, exceptions, platform.JobDetails{LatestCheckpoint: "s3://cp/chk-3", RestoredFrom: "s3://sp/savepoint-1", Exception: "IllegalStateException: asked to fail"}},
		"a healthy job": {`{"latest":{"completed":null,"restored":null}}`, `{"exceptionHistory":{"entries":[]}}`, platform.JobDetails{}},
		"no answer":     {"", exceptions, platform.JobDetails{Exception: "IllegalStateException: asked to fail"}},
		"a login page":  {"<html>", "<html>", platform.JobDetails{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, observed := running(t, f, "flink:1")
				f.service = func(path string) (string, error) {
					body := test.exceptions
					if strings.HasSuffix(path, "/checkpoints") {
						body = test.checkpoints
					}
					if !strings.HasPrefix(path, "prod/orders-rest:8081/jobs/0123/") || body == "" {
						return "", errors.New("no such page")
					}
					return body, nil
				}
				if diff := cmp.Diff(test.want, d.Inspect(t.Context(), observed)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
