package flink

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExposed(t *testing.T) {
	t.Parallel()
	const template = `{"podTemplate":{"spec":{"containers":[{"name":"m","env":[`
	const end = `]}]}}}`
	for _, test := range []struct {
		name, from, to string
		want           []string
	}{
		{"a key in the place of a variable", `{"flinkConfiguration":{"s3.secret-key":"${env.S3}"}}`, `{"flinkConfiguration":{"s3.secret-key":"x"}}`, []string{`flink_configuration["s3.secret-key"]`}},
		{"a key in the place of nothing", `{"flinkConfiguration":{"s3.secret-key":""}}`, `{"flinkConfiguration":{"s3.secret-key":"x"}}`, []string{`flink_configuration["s3.secret-key"]`}},
		{"a key in the place of another one", `{"flinkConfiguration":{"s3.secret-key":"y"}}`, `{"flinkConfiguration":{"s3.secret-key":"x"}}`, nil},
		{"a nested key", `{"flinkConfiguration":{"s3.secret-key":"${env.S3}"}}`, `{"flinkConfiguration":{"s3":{"secret-key":"x"}}}`, []string{`flink_configuration["s3.secret-key"]`}},
		{"a key in the place of a secret value's name", `{"flinkConfiguration":{"s3.secret-key":"${s3-secret_1}"}}`, `{"flinkConfiguration":{"s3.secret-key":"x"}}`, []string{`flink_configuration["s3.secret-key"]`}},
		{"a variable in the place of a key", `{"flinkConfiguration":{"s3.secret-key":"x"}}`, `{"flinkConfiguration":{"s3.secret-key":"${env.S3}"}}`, nil},
		{"a key that is gone", `{"flinkConfiguration":{"s3.secret-key":"x"}}`, `{}`, nil},
		{"another key", `{"flinkConfiguration":{"a":"1"}}`, `{"flinkConfiguration":{"a":"2"}}`, nil},
		{"Java options", `{"flinkConfiguration":{"env.java.opts.all":"-Da=1"}}`, `{"flinkConfiguration":{"env.java.opts.all":"-Da=1 -Dx.password=y"}}`, []string{`flink_configuration["env.java.opts.all"]`}},
		{"one more in Java options", `{"flinkConfiguration":{"env.java.opts.all":"-Dx.password=y"}}`, `{"flinkConfiguration":{"env.java.opts.all":"-Dx.password=y -Dz.password=z"}}`, []string{`flink_configuration["env.java.opts.all"]`}},
		{"a file", `{"logConfiguration":{"a.properties":"x=1\n"}}`, `{"logConfiguration":{"a.properties":"x=1\nx.password=y\n"}}`, []string{`log_configuration["a.properties"]`}},
		{"arguments", `{"job":{"args":["a"]}}`, `{"job":{"args":["a","--password","x"]}}`, []string{"job.args"}},
		{"arguments where none were", `{"job":{}}`, `{"job":{"args":["amqp://u:p@h"]}}`, []string{"job.args"}},
		{"another place in the arguments", `{"job":{"args":["--password=x","b"]}}`, `{"job":{"args":["b","--password=x"]}}`, []string{"job.args"}},
		{"another password in the arguments", `{"job":{"args":["--password=x","b"]}}`, `{"job":{"args":["--password=y","c"]}}`, nil},
		{"arguments of a container", `{"podTemplate":{"spec":{"containers":[{"args":["a"]}]}}}`, `{"podTemplate":{"spec":{"containers":[{"args":["--token=x"]}]}}}`, []string{"pod_template"}},
		{"a container", template + end, `{"podTemplate":{"spec":{"containers":[{"name":"m"},{"name":"n","env":[{"name":"TOKEN","value":"x"}]}]}}}`, []string{"pod_template"}},
		{"a variable", template + end, template + `{"name":"A","value":"x"}` + end, nil},
		{"a secret variable", template + end, template + `{"name":"DB_PASSWORD","value":"x"}` + end, []string{"pod_template"}},
		{"an empty secret variable", template + end, template + `{"name":"DB_PASSWORD","value":""}` + end, nil},
		{"another value of a secret variable", template + `{"name":"DB_PASSWORD","value":"x"}` + end, template + `{"name":"DB_PASSWORD","value":"y"}` + end, nil},
		{"a value of an empty secret variable", template + `{"name":"DB_PASSWORD","value":""}` + end, template + `{"name":"DB_PASSWORD","value":"y"}` + end, []string{"pod_template"}},
		{"a secret variable in the place of another", template + `{"name":"A","value":"x"}` + end, template + `{"name":"DB_PASSWORD","value":"y"},{"name":"A","value":"x"}` + end, []string{"pod_template"}},
		{"a variable that took its value from elsewhere", template + `{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}` + end, template + `{"name":"A","value":"x"}` + end, []string{"pod_template"}},
		{"a password in a variable", template + `{"name":"A","value":"http://h"}` + end, template + `{"name":"A","value":"http://u:p@h"}` + end, []string{"pod_template"}},
		{"in the template of a component", `{}`, `{"jobManager":{"podTemplate":{"spec":{"containers":[{"env":[{"name":"TOKEN","value":"x"}]}]}}}}`, []string{"job_manager.pod_template"}},
		{"elsewhere", `{"image":"a"}`, `{"image":"b","serviceAccount":"c"}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			from, to := parsed(t, test.from), parsed(t, test.to)
			got := slices.Sorted(maps.Keys(Exposed(from, to, Diff(from, to))))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
