package blueprint

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestMounts(t *testing.T) {
	t.Parallel()
	const folder = "/etc/flink-application/secrets/"
	partner := Mount{"partner", []string{"token"}, folder + "partner", false}
	tests := map[string]struct {
		streamlet, on string
		want          []Mount
	}{
		"nothing":        {"report", "plain", nil},
		"configuration":  {"ingest", "none", []Mount{partner}},
		"the same twice": {"ingest", "mutual", []Mount{{"client", []string{"tls.crt", "tls.key"}, folder + "client", false}, partner, {"partner", []string{"password", "username"}, folder + "partner", true}}},
		"tokens":         {"report", "oauth", []Mount{{"kafka", []string{"client_id", "client_secret"}, folder + "kafka", false}}},
		"a user": {"ingest", "scram", []Mount{
			{"cluster-ca", []string{"ca.crt", "registry.crt"}, folder + "cluster-ca", false},
			{"kafka", []string{"password", "username"}, folder + "kafka", false},
			partner,
			{"registry", []string{"password", "token", "username"}, folder + "registry", true},
		}},
		"no ports": {"idle", "scram", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			a.Streamlets["idle"] = Streamlet{}
			if diff := cmp.Diff(test.want, a.Render(connections[test.on]).Mounts(test.streamlet)); diff != "" {
				t.Errorf("mounts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEachFileIsMounted holds that each path in a document is a file that the pod has.
func TestEachFileIsMounted(t *testing.T) {
	t.Parallel()
	for name, on := range connections {
		r := payments().Render(on)
		for streamlet := range payments().Streamlets {
			text, err := r.Document(streamlet)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]bool{}
			for _, part := range strings.Split(string(text), `"`) {
				if strings.HasPrefix(part, DocumentFolder) {
					told[part] = true
				}
			}
			mounted := map[string]bool{}
			for _, source := range pod(t, r, streamlet).Spec.Volumes[0].Projected.Sources[1:] {
				for _, item := range source.Secret.Items {
					mounted[DocumentFolder+"/"+item.Path] = true
				}
			}
			if diff := cmp.Diff(told, mounted); diff != "" {
				t.Errorf("%s, %s (-told +mounted):\n%s", name, streamlet, diff)
			}
		}
	}
}

// pod is a streamlet's pod template as Kubernetes reads it.
func pod(t *testing.T, r Rendering, streamlet string) corev1.PodTemplateSpec {
	t.Helper()
	template, err := r.PodTemplate(streamlet, "payments-"+streamlet)
	if err != nil {
		t.Fatal(err)
	}
	return podOf(t, template)
}

func podOf(t *testing.T, template flink.Document) corev1.PodTemplateSpec {
	t.Helper()
	if faults := defaults.CheckPodTemplate(template); len(faults) > 0 {
		t.Errorf("faults of the template: %+v", faults)
	}
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var out corev1.PodTemplateSpec
	if err := decoder.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPodTemplate(t *testing.T) {
	t.Parallel()
	got := pod(t, payments().Render(connections["mutual"]), "ingest")
	var want corev1.PodTemplateSpec
	want.Annotations = map[string]string{DocumentHashAnnotation: got.Annotations[DocumentHashAnnotation]}
	want.Spec.Containers = []corev1.Container{{Name: "flink-main-container", VolumeMounts: []corev1.VolumeMount{{Name: "flink-application", MountPath: "/etc/flink-application", ReadOnly: true}}}}
	secret := func(name string, optional *bool, items ...corev1.KeyToPath) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Items: items, Optional: optional}}
	}
	want.Spec.Volumes = []corev1.Volume{{Name: "flink-application", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		secret("payments-ingest", nil, corev1.KeyToPath{Key: "application.json", Path: "application.json"}),
		secret("client", nil, corev1.KeyToPath{Key: "tls.crt", Path: "secrets/client/tls.crt"}, corev1.KeyToPath{Key: "tls.key", Path: "secrets/client/tls.key"}),
		secret("partner", nil, corev1.KeyToPath{Key: "token", Path: "secrets/partner/token"}),
		secret("partner", new(true), corev1.KeyToPath{Key: "password", Path: "secrets/partner/password"}, corev1.KeyToPath{Key: "username", Path: "secrets/partner/username"}),
	}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pod template (-want +got):\n%s", diff)
	}
}

// TestPodTemplateFollowsTheDocument holds that a change of one streamlet's document changes its pods, and
// no other ones.
func TestPodTemplateFollowsTheDocument(t *testing.T) {
	t.Parallel()
	hashes := func(a Application) map[string]string {
		out := map[string]string{}
		for streamlet := range a.Streamlets {
			out[streamlet] = pod(t, a.Render(Connections{}), streamlet).Annotations[DocumentHashAnnotation]
		}
		return out
	}
	before := hashes(payments())
	a := payments()
	a.Streamlets["ingest"].Config["max-lag"] = "6s"
	after := hashes(a)
	for streamlet := range before {
		if len(before[streamlet]) != 64 || (before[streamlet] != after[streamlet]) != (streamlet == "ingest") {
			t.Errorf("%s: %q, then %q", streamlet, before[streamlet], after[streamlet])
		}
	}
}

func TestAnnotatedPodTemplate(t *testing.T) {
	t.Parallel()
	r := payments().Render(connections["plain"])
	template, err := r.AnnotatedPodTemplate("report", map[string]string{"team": "orders"})
	if err != nil {
		t.Fatal(err)
	}
	got := podOf(t, template)
	document, err := r.Document("report")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		DocumentAnnotation:     string(document),
		DocumentHashAnnotation: pod(t, r, "report").Annotations[DocumentHashAnnotation],
	}
	if diff := cmp.Diff(want, got.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	items := got.Spec.Volumes[0].Projected.Sources[0].DownwardAPI.Items
	if len(items) != 1 || items[0].Path != "application.json" || items[0].FieldRef.FieldPath != "metadata.annotations['"+DocumentAnnotation+"']" {
		t.Errorf("files of the document: %+v", items)
	}
}

// TestAnnotatedPodTemplateIsBounded goes to the last byte that Kubernetes takes.
func TestAnnotatedPodTemplateIsBounded(t *testing.T) {
	t.Parallel()
	of := func(n int, beside map[string]string) (flink.Document, error) {
		a := payments()
		a.Streamlets["report"] = Streamlet{Config: map[string]string{"text": strings.Repeat("x", n)}}
		return a.Render(Connections{}).AnnotatedPodTemplate("report", beside)
	}
	small, err := of(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for key, value := range podOf(t, small).Annotations {
		size += len(key) + len(value)
	}
	room := 256*1024 - size
	if _, err := of(room, nil); err != nil {
		t.Errorf("256 KiB: %v", err)
	}
	if _, err := of(room+1, nil); err == nil || !strings.Contains(err.Error(), `document of "report"`) {
		t.Errorf("one byte more: %v", err)
	}
	if _, err := of(room, map[string]string{"a": ""}); err == nil {
		t.Error("another annotation beside: no error")
	}
}

// TestPodTemplateIsBounded goes to the last byte that a Secret takes.
func TestPodTemplateIsBounded(t *testing.T) {
	t.Parallel()
	of := func(n int) Rendering {
		a := payments()
		a.Streamlets["report"] = Streamlet{Config: map[string]string{"text": strings.Repeat("x", n)}}
		return a.Render(Connections{})
	}
	empty, err := of(0).Document("report")
	if err != nil {
		t.Fatal(err)
	}
	room := 1024*1024 - len(empty)
	if _, err := of(room).PodTemplate("report", "s"); err != nil {
		t.Errorf("1 MiB: %v", err)
	}
	if _, err := of(room+1).PodTemplate("report", "s"); err == nil || !strings.Contains(err.Error(), `document of "report"`) {
		t.Errorf("one byte more: %v", err)
	}
}

// TestPodTemplateMerges holds that a pod template of the user's own keeps what it has.
func TestPodTemplateMerges(t *testing.T) {
	t.Parallel()
	template, err := payments().Render(Connections{}).PodTemplate("report", "payments-report")
	if err != nil {
		t.Fatal(err)
	}
	own, err := flink.ParseDocument(`
metadata: {annotations: {team: orders}}
spec:
  containers:
    - {name: sidecar, image: proxy}
    - name: flink-main-container
      volumeMounts: [{name: tmp, mountPath: /tmp}]
  volumes: [{name: tmp, emptyDir: {}}]
`)
	if err != nil {
		t.Fatal(err)
	}
	result, err := defaults.Expand(
		defaults.Settings{Defaults: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: own}}},
		defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: template}},
	)
	if err != nil {
		t.Fatal(err)
	}
	merged := podOf(t, result.Spec.PodTemplate)
	if len(merged.Spec.Volumes) != 2 || len(merged.Spec.Containers) != 2 || merged.Annotations["team"] != "orders" || merged.Annotations[DocumentHashAnnotation] == "" {
		t.Errorf("merged: %+v", merged)
	}
	for _, container := range merged.Spec.Containers {
		if container.Name == "flink-main-container" && len(container.VolumeMounts) != 2 {
			t.Errorf("mounts: %+v", container.VolumeMounts)
		}
	}
}
