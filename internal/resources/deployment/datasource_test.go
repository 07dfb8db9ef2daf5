package deployment

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// oneDeployment is a platform with one deployment, or an error.
type oneDeployment struct {
	platform.Deployments

	observed platform.Observed
	details  platform.JobDetails
	err      error
}

func (p oneDeployment) Read(_ context.Context, ref platform.Ref) (*platform.Observed, error) {
	p.observed.Ref = ref
	return &p.observed, p.err
}

func (p oneDeployment) Inspect(context.Context, *platform.Observed) platform.JobDetails {
	return p.details
}

// readData reads the data source "orders" in the namespace prod.
func readData(t *testing.T, p oneDeployment) (dataModel, string) {
	t.Helper()
	source := &deploymentDataSource{data: &tfkit.ProviderData{Platforms: platformtest.Of(p)}, platforms: platformtest.Known}
	var schema datasource.SchemaResponse
	source.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	kind, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	values["name"] = tftypes.NewValue(tftypes.String, "orders")
	text := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	values["environment"] = tftypes.NewValue(kind.AttributeTypes["environment"], map[string]tftypes.Value{
		"platform": text(nil), "name": text(nil), "namespace": text("prod"), "settings": text(nil),
	})
	resp := datasource.ReadResponse{State: tfsdk.State{Schema: schema.Schema}}
	source.Read(t.Context(), datasource.ReadRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(kind, values)}}, &resp)
	var said []string
	for _, d := range resp.Diagnostics {
		said = append(said, d.Summary()+"\n"+d.Detail())
	}
	var got dataModel
	if len(said) == 0 {
		if diags := resp.State.Get(t.Context(), &got); diags.HasError() {
			t.Fatal(diags)
		}
	}
	return got, strings.Join(said, "\n")
}

func TestDataSource(t *testing.T) {
	observed := platform.Observed{
		Labels: map[string]string{"team": "a"},
		Status: flink.Status{JobState: flink.StateRunning, JobID: "0123", RestURL: "http://orders-rest.prod:8081"},
	}
	t.Run("with a JobManager that answers", func(t *testing.T) {
		got, said := readData(t, oneDeployment{observed: observed, details: platform.JobDetails{LatestCheckpoint: "s3://cp/chk-3", RestoredFrom: "s3://sp/1", Exception: "disk full"}})
		if said != "" {
			t.Fatal(said)
		}
		checkpoints, status := got.Checkpoints.Attributes(), got.Status.Attributes()
		for name, pair := range map[string][2]string{
			"id":            {*got.ID, "operator/prod/orders"},
			"label":         {got.Labels["team"], "a"},
			"job_state":     {status["job_state"].String(), `"RUNNING"`},
			"rest_url":      {status["rest_url"].String(), `"http://orders-rest.prod:8081"`},
			"latest_path":   {checkpoints["latest_path"].String(), `"s3://cp/chk-3"`},
			"restored_path": {checkpoints["restored_path"].String(), `"s3://sp/1"`},
			"exception":     {got.Exception.ValueString(), "disk full"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s is %s, want %s", name, pair[0], pair[1])
			}
		}
	})
	t.Run("without", func(t *testing.T) {
		got, said := readData(t, oneDeployment{})
		if said != "" || !got.Checkpoints.Attributes()["latest_path"].IsNull() || !got.Exception.IsNull() || got.Labels == nil {
			t.Errorf("said %q, read %+v", said, got)
		}
	})
	t.Run("of no deployment", func(t *testing.T) {
		_, said := readData(t, oneDeployment{err: &platform.NotFoundError{Kind: "FlinkDeployment", Ref: platform.Ref{Namespace: "prod", Name: "orders"}}})
		if !strings.HasPrefix(said, `There is no deployment "orders" in namespace prod`) {
			t.Errorf("said %q", said)
		}
	})
	t.Run("of a platform that is away", func(t *testing.T) {
		_, said := readData(t, oneDeployment{err: errors.New("it rains")})
		if !strings.HasPrefix(said, `Cannot read the deployment "orders" in namespace prod`) || !strings.Contains(said, "It rains.") {
			t.Errorf("said %q", said)
		}
	})
}
