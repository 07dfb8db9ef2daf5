package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuietSDK(t *testing.T) {
	quiet := map[string]string{"TF_LOG_SDK": "ERROR", "TF_LOG_SDK_PROTO": "ERROR", "TF_LOG_SDK_FRAMEWORK": "ERROR"}
	for name, test := range map[string]struct {
		environ []string
		want    map[string]string
	}{
		"nothing said":              {[]string{"PATH=/bin"}, quiet},
		"only where a log would go": {[]string{"TF_LOG_PATH=/tmp/log", "TF_LOG="}, quiet},
		"all":                       {[]string{"TF_LOG=trace"}, map[string]string{}},
		"providers":                 {[]string{"TF_LOG_PROVIDER=INFO"}, map[string]string{}},
		"this provider":             {[]string{"TF_LOG_PROVIDER_FLINK=DEBUG"}, map[string]string{}},
		"the SDK":                   {[]string{"TF_LOG_SDK_PROTO=TRACE"}, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]string{}
			quietSDK(test.environ, func(name, value string) error { got[name] = value; return nil })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
