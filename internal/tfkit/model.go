package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// SpecModel are the attributes of a specification that a deployment and the
// defaults and overrides of an environment have in common. Nil is null; the
// fields take only known values (see Decode).
type SpecModel struct {
	Image              *string            `tfsdk:"image"`
	ImagePullPolicy    *string            `tfsdk:"image_pull_policy"`
	FlinkVersion       *string            `tfsdk:"flink_version"`
	ServiceAccount     *string            `tfsdk:"service_account"`
	Mode               *string            `tfsdk:"mode"`
	FlinkConfiguration map[string]*string `tfsdk:"flink_configuration"`
	JobManager         *ComponentModel    `tfsdk:"job_manager"`
	TaskManager        *ComponentModel    `tfsdk:"task_manager"`
	PodTemplate        *string            `tfsdk:"pod_template"`
	LogConfiguration   map[string]string  `tfsdk:"log_configuration"`
	Ingress            *IngressModel      `tfsdk:"ingress"`
}

// ComponentModel is the attribute job_manager or task_manager.
type ComponentModel struct {
	Replicas    *int64          `tfsdk:"replicas"`
	Resource    *ResourceModel  `tfsdk:"resource"`
	Resources   *ResourcesModel `tfsdk:"resources"`
	PodTemplate *string         `tfsdk:"pod_template"`
}

// ResourceModel is the attribute resource of a component.
type ResourceModel struct {
	CPU              *float64 `tfsdk:"cpu"`
	Memory           *string  `tfsdk:"memory"`
	EphemeralStorage *string  `tfsdk:"ephemeral_storage"`
}

// ResourcesModel is the attribute resources of a component.
type ResourcesModel struct {
	Requests map[string]string `tfsdk:"requests"`
	Limits   map[string]string `tfsdk:"limits"`
}

// IngressModel is the attribute ingress.
type IngressModel struct {
	Template    *string           `tfsdk:"template"`
	ClassName   *string           `tfsdk:"class_name"`
	Annotations map[string]string `tfsdk:"annotations"`
	Labels      map[string]string `tfsdk:"labels"`
	TLS         []IngressTLSModel `tfsdk:"tls"`
}

// IngressTLSModel is an element of ingress.tls.
type IngressTLSModel struct {
	Hosts      []string `tfsdk:"hosts"`
	SecretName *string  `tfsdk:"secret_name"`
}

// LayerModel is deployment_defaults or deployment_overrides of an environment.
type LayerModel struct {
	SpecModel
	Labels      map[string]*string `tfsdk:"labels"`
	Annotations map[string]*string `tfsdk:"annotations"`
	Upgrade     *LayerUpgradeModel `tfsdk:"upgrade"`
}

// LayerUpgradeModel is the attribute upgrade of a layer.
type LayerUpgradeModel struct {
	OnFailure *string            `tfsdk:"on_failure"`
	Strategy  *string            `tfsdk:"strategy"`
	BlueGreen map[string]*string `tfsdk:"blue_green"`
}

// Spec returns the specification that the attributes below at say.
func (m SpecModel) Spec(at path.Path) (flink.DeploymentSpec, diag.Diagnostics) {
	var diags diag.Diagnostics
	spec := flink.DeploymentSpec{
		Image:              m.Image,
		ImagePullPolicy:    m.ImagePullPolicy,
		FlinkVersion:       m.FlinkVersion,
		ServiceAccount:     m.ServiceAccount,
		Mode:               m.Mode,
		FlinkConfiguration: m.FlinkConfiguration,
		LogConfiguration:   m.LogConfiguration,
		PodTemplate:        document(m.PodTemplate, at.AtName("pod_template"), &diags),
	}
	if c := m.JobManager; c != nil {
		spec.JobManager = &flink.JobManager{
			Replicas:    c.Replicas,
			Resource:    c.Resource.resource(),
			Resources:   c.Resources.resources(),
			PodTemplate: document(c.PodTemplate, at.AtName("job_manager").AtName("pod_template"), &diags),
		}
	}
	if c := m.TaskManager; c != nil {
		spec.TaskManager = &flink.TaskManager{
			Replicas:    c.Replicas,
			Resource:    c.Resource.resource(),
			Resources:   c.Resources.resources(),
			PodTemplate: document(c.PodTemplate, at.AtName("task_manager").AtName("pod_template"), &diags),
		}
	}
	if i := m.Ingress; i != nil {
		spec.Ingress = &flink.Ingress{Template: i.Template, ClassName: i.ClassName, Annotations: i.Annotations, Labels: i.Labels}
		for _, tls := range i.TLS {
			spec.Ingress.TLS = append(spec.Ingress.TLS, flink.IngressTLS(tls))
		}
	}
	return spec, diags
}

func (m *ResourceModel) resource() *flink.Resource {
	if m == nil {
		return nil
	}
	return &flink.Resource{CPU: m.CPU, Memory: m.Memory, EphemeralStorage: m.EphemeralStorage}
}

func (m *ResourcesModel) resources() *flink.Resources {
	if m == nil {
		return nil
	}
	return &flink.Resources{Requests: m.Requests, Limits: m.Limits}
}

// SpecModelOf returns the attributes that say spec, for example of a deployment
// that is imported. Pod templates become YAML text.
func SpecModelOf(spec flink.DeploymentSpec) (SpecModel, error) {
	model := SpecModel{
		Image:              spec.Image,
		ImagePullPolicy:    spec.ImagePullPolicy,
		FlinkVersion:       spec.FlinkVersion,
		ServiceAccount:     spec.ServiceAccount,
		Mode:               spec.Mode,
		FlinkConfiguration: spec.FlinkConfiguration,
		LogConfiguration:   spec.LogConfiguration,
	}
	var err error
	if model.PodTemplate, err = DocumentText(spec.PodTemplate); err != nil {
		return model, err
	}
	if c := spec.JobManager; c != nil {
		model.JobManager = componentModel(c.Replicas, c.Resource, c.Resources)
		if model.JobManager.PodTemplate, err = DocumentText(c.PodTemplate); err != nil {
			return model, err
		}
	}
	if c := spec.TaskManager; c != nil {
		model.TaskManager = componentModel(c.Replicas, c.Resource, c.Resources)
		if model.TaskManager.PodTemplate, err = DocumentText(c.PodTemplate); err != nil {
			return model, err
		}
	}
	if i := spec.Ingress; i != nil {
		model.Ingress = &IngressModel{Template: i.Template, ClassName: i.ClassName, Annotations: i.Annotations, Labels: i.Labels}
		for _, tls := range i.TLS {
			model.Ingress.TLS = append(model.Ingress.TLS, IngressTLSModel(tls))
		}
	}
	return model, nil
}

func componentModel(replicas *int64, resource *flink.Resource, resources *flink.Resources) *ComponentModel {
	model := &ComponentModel{Replicas: replicas}
	if resource != nil {
		model.Resource = &ResourceModel{CPU: resource.CPU, Memory: resource.Memory, EphemeralStorage: resource.EphemeralStorage}
	}
	if resources != nil {
		model.Resources = &ResourcesModel{Requests: resources.Requests, Limits: resources.Limits}
	}
	return model
}

// Layer returns the layer that the attributes below at say; nil for null.
func (m *LayerModel) Layer(at path.Path) (*defaults.Layer, diag.Diagnostics) {
	if m == nil {
		return nil, nil
	}
	spec, diags := m.Spec(at)
	layer := &defaults.Layer{DeploymentSpec: spec, Labels: m.Labels, Annotations: m.Annotations}
	if m.Upgrade != nil {
		layer.Upgrade = &defaults.Upgrade{OnFailure: m.Upgrade.OnFailure, Strategy: m.Upgrade.Strategy, BlueGreen: m.Upgrade.BlueGreen}
	}
	return layer, diags
}

// document decodes a document attribute; null is no document.
func document(text *string, at path.Path, diags *diag.Diagnostics) flink.Document {
	if text == nil {
		return nil
	}
	doc, err := flink.ParseDocument(*text)
	if err != nil {
		diags.Append(documentError(at, err))
	}
	return doc
}

// DocumentText returns a document as YAML text, nil for none.
func DocumentText(doc flink.Document) (*string, error) {
	if doc == nil {
		return nil, nil
	}
	text, err := flink.FormatDocument(doc)
	if err != nil {
		return nil, err
	}
	return &text, nil
}
