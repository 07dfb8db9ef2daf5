package lifecycle

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Where the state is has to come back out of a state of Terraform, because the
// next plan rules on it.
func TestAStatusComesBackFromTheState(t *testing.T) {
	t.Parallel()
	want := flink.Status{
		UID: "u", LifecycleState: flink.LifecycleSuspended, JobState: flink.StateFinished, JobID: "1", JobManager: "READY", SavepointPath: "s3://sp/1",
		StateLocation: flink.LocationPath, Error: "none", FlinkVersion: "1.20", RestURL: "http://a", ActiveColor: flink.Blue, Deployed: true,
	}
	if got := statusOf(StatusObject(want)); !reflect.DeepEqual(got, want) {
		t.Errorf("read back %+v, want %+v", got, want)
	}
}

// A state that an earlier version of the provider wrote does not say where the
// state is.
func TestAnEarlierStatusSaysNotWhereTheStateIs(t *testing.T) {
	t.Parallel()
	of := types.ObjectNull(StatusTypes).Type(t.Context())
	raw, err := (tfprotov6.RawState{JSON: []byte(`{"lifecycle_state":"SUSPENDED","job_state":"FINISHED","job_id":"1","job_manager":"READY","savepoint_path":null,
		"active_color":null,"error":null,"flink_version":"1.20","rest_url":null,"uid":"u"}`)}).Unmarshal(of.TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	value, err := of.ValueFromTerraform(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	object, ok := value.(types.Object)
	if !ok {
		t.Fatalf("a status is a %T", value)
	}
	if got := statusOf(object); got.StateLocation != flink.LocationUnknown || got.LifecycleState != flink.LifecycleSuspended || !got.Deployed {
		t.Errorf("read %+v", got)
	}
}
