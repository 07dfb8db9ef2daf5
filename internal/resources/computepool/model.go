package computepool

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	Type        *string               `tfsdk:"type"`
	State       *string               `tfsdk:"state"`
	ClusterSpec *flink.DeploymentSpec `tfsdk:"cluster_spec"`
	Status      *status               `tfsdk:"status"`
}

// status is what the platform says of the pool.
type status struct {
	Phase   *string `tfsdk:"phase"`
	Message *string `tfsdk:"message"`
}

// Want implements object.Data.
func (m *model) Want() (platform.ComputePool, diag.Diagnostics) {
	want := platform.ComputePool{Described: m.Described()}
	if m.Type != nil {
		want.Type = *m.Type
	}
	if m.State != nil {
		want.State = *m.State
	}
	cluster, diags := m.cluster()
	want.Cluster = cluster
	return want, diags
}

// cluster returns the specification of the clusters as it is sent.
func (m *model) cluster() (flink.Tree, diag.Diagnostics) {
	if m.ClusterSpec == nil {
		return flink.Tree{}, nil
	}
	tree, err := flink.TreeOf(m.ClusterSpec)
	if err != nil {
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("cluster_spec"), "The specification cannot be encoded", tfkit.Sentence(err.Error()))}
	}
	return tree, nil
}

// Take implements object.Data.
func (m *model) Take(observed platform.ComputePool) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	m.Type = &observed.Type
	m.Status = &status{Phase: &observed.Phase}
	if observed.Message != "" {
		m.Status.Message = &observed.Message
	}
	// The server says its default.
	if observed.State != "" && (m.State != nil || observed.State != platform.PoolRunning) {
		m.State = &observed.State
	}
	known, diags := m.cluster()
	if diags.HasError() || m.ClusterSpec != nil && len(flink.Diff(known, observed.Cluster)) == 0 {
		return diags
	}
	spec, err := flink.SpecOf(observed.Cluster)
	if err != nil {
		diags.AddAttributeError(path.Root("cluster_spec"), "The specification of the server cannot be read", tfkit.Sentence(err.Error()))
		return diags
	}
	m.ClusterSpec = &spec
	return diags
}

// ValidateConfig checks what concerns several attributes.
func (r *poolResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config struct {
		Type        *string               `tfsdk:"type"`
		State       *string               `tfsdk:"state"`
		ClusterSpec *flink.DeploymentSpec `tfsdk:"cluster_spec"`
	}
	_, diags := tfkit.DecodeValue(ctx, req.Config.Raw, nil, &config)
	resp.Diagnostics.Append(diags...)
	if config.State != nil && config.Type != nil && *config.Type == platform.PoolDedicated {
		resp.Diagnostics.AddAttributeError(path.Root("state"), "A dedicated compute pool has no state",
			"Only a shared pool is a cluster of its own that runs or is suspended. Leave state out, or set type = \"shared\".")
	}
	if config.ClusterSpec == nil {
		return
	}
	for _, key := range flink.SensitiveConfiguration(config.ClusterSpec.FlinkConfiguration) {
		resp.Diagnostics.AddAttributeWarning(path.Root("cluster_spec").AtName("flink_configuration").AtMapKey(key), "A secret is in the configuration of the compute pool",
			"The value of "+key+" is in clear in the state and on the server. Give it to the pods by a Kubernetes Secret (pod_template) instead.")
	}
}
