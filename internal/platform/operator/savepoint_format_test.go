package operator

import (
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// configured sets keys of the job's configuration.
func configured(pairs ...string) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		for i := 0; i < len(pairs); i += 2 {
			_ = unstructured.SetNestedField(o.Object, pairs[i+1], "spec", "flinkConfiguration", pairs[i])
		}
	}
}

func TestTheFormatOfASavepoint(t *testing.T) {
	const format = "kubernetes.operator.savepoint.format.type"
	for name, test := range map[string]struct {
		wants string
		job   func(*unstructured.Unstructured)
		// is the format that is asked for, or says what an error says.
		is, says string
	}{
		"left out":                                  {"", configured(), "CANONICAL", ""},
		"as the job's own":                          {"", configured(format, "native"), "NATIVE", ""},
		"what forst can write":                      {"", configured("state.backend.type", "forst"), "NATIVE", ""},
		"what asynchronous state can write":         {"", configured("table.exec.async-state.enabled", "true", format, "CANONICAL"), "NATIVE", ""},
		"canonical, though the job's own is native": {"canonical", configured(format, "NATIVE"), "CANONICAL", ""},
		"native of forst":                           {"native", configured("state.backend.type", "forst"), "NATIVE", ""},
		"canonical of forst":                        {"canonical", configured("state.backend.type", "forst"), "", `Set format = "native"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				s.job(t, test.job)
				s.calls = nil
				want := before
				want.Format = test.wants
				taken, err := NewSavepoints(s).Take(t.Context(), want)
				if test.says != "" {
					says(t, told(t, err), "canonical", "so nothing was written", test.says)
					if s.count("create") != 0 {
						t.Errorf("something was written: %v", s.calls)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				object, _ := s.snapshot()
				if got, _, _ := unstructured.NestedString(object.Object, "spec", "savepoint", "formatType"); got != test.is || taken.Format == "" {
					t.Errorf("asked for %s, and told %q; want %s", got, taken.Format, test.is)
				}
			})
		})
	}
}

func TestANonceHasTheFormatOfTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := triggering(newSnapshotting(t))
		s.job(t, configured(flink.KeySavepointFormat, "NATIVE"))
		want := before
		want.Format = ""
		taken, err := NewSavepoints(s).Take(t.Context(), want)
		if err != nil || taken.Format != platform.FormatNative {
			t.Errorf("took %+v, %v", taken, err)
		}
	})
}

// What Flink says of a job whose code turns asynchronous state on is no news of the
// directory.
func TestWhyNoCanonicalSavepointIsTaken(t *testing.T) {
	for _, words := range []string{
		"Configured state backend (org.apache.flink.state.forst.ForStStateBackend@1) does not support CANONICAL savepoints",
		"java.lang.UnsupportedOperationException: Not supported yet.",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSnapshotting(t)
			s.taking = []step{{0, inState("FAILED", "error", words, "failures", int64(3))}}
			_, err := take(t.Context(), s, before)
			says(t, told(t, err), `Set format = "native"`, "enableAsyncState")
		})
	}
}

func TestASavepointThatAJobOwns(t *testing.T) {
	started := func(pairs ...string) func(*unstructured.Unstructured) {
		return func(o *unstructured.Unstructured) {
			configured(pairs...)(o)
			_ = unstructured.SetNestedField(o.Object, "s3://sp/savepoint-9/", "spec", "job", "initialSavepointPath")
		}
	}
	for name, test := range map[string]struct {
		job   func(*unstructured.Unstructured)
		owned bool
	}{
		"claimed":               {started("execution.savepoint-restore-mode", "CLAIM"), true},
		"started from":          {started(), false},
		"claims something else": {configured("execution.savepoint-restore-mode", "CLAIM"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				known := taken(t, s, true)
				s.job(t, test.job)
				read, err := NewSavepoints(s).Read(t.Context(), known)
				if err != nil || (read.Owner != "") != test.owned {
					t.Errorf("read %+v, %v", read, err)
				}
				note, err := remove(t, s, known)
				if err != nil || (note != "") != test.owned {
					t.Errorf("deleted with the note %q, %v", note, err)
				}
				if test.owned {
					says(t, note, "s3://sp/savepoint-9 were not deleted", "FlinkDeployment prod/orders has started from it in the mode CLAIM")
				}
				if disposed := s.count("patch FlinkStateSnapshot") == 0; disposed == test.owned {
					t.Errorf("the operator disposes of the files: %t", disposed)
				}
				s.gone(t)
			})
		})
	}
}
