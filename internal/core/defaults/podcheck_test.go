package defaults_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func template(t testing.TB, text string) flink.Document {
	t.Helper()
	document, err := flink.ParseDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestCheckPodTemplateRefuses(t *testing.T) {
	inContainer := func(text string) string { return "spec: {containers: [{name: main, " + text + "}]}" }
	for name, test := range map[string]struct{ text, path, says string }{
		"number for a string":          {inContainer("env: [{name: PORT, value: 8123}]"), "spec.containers[0].env[0].value", "must be a string, not a number. Put it in quotes."},
		"fraction for a string":        {inContainer("env: [{name: RATE, value: 0.5}]"), "spec.containers[0].env[0].value", "must be a string, not a fraction. Put it in quotes."},
		"boolean for a string":         {inContainer("env: [{name: DEBUG, value: yes}]"), "spec.containers[0].env[0].value", "must be a string, not a boolean. Put it in quotes. YAML also takes yes"},
		"object for a string":          {inContainer("image: {name: flink}"), "spec.containers[0].image", "must be a string, not an object."},
		"annotation":                   {"metadata: {annotations: {prometheus.io/port: 9249}}", `metadata.annotations["prometheus.io/port"]`, "must be a string, not a number. Put it in quotes."},
		"label":                        {"metadata: {labels: {traced: true}}", `metadata.labels["traced"]`, "must be a string, not a boolean."},
		"object for a list":            {"spec: {tolerations: {key: flink, operator: Exists}}", "spec.tolerations", "must be a list, not an object. Begin each element with a hyphen."},
		"list for an object":           {"spec: {securityContext: [{runAsUser: 9999}]}", "spec.securityContext", "must be an object, not a list."},
		"list for a map":               {"spec: {nodeSelector: [disk]}", "spec.nodeSelector", "must be an object, not a list."},
		"string for a number":          {inContainer(`ports: [{containerPort: "9249"}]`), "spec.containers[0].ports[0].containerPort", "must be a whole number, not a string."},
		"fraction for a number":        {"spec: {terminationGracePeriodSeconds: 1.5}", "spec.terminationGracePeriodSeconds", "must be a whole number, not a fraction."},
		"string for a boolean":         {`spec: {hostNetwork: "true"}`, "spec.hostNetwork", "must be a boolean, not a string. Write true or false, without quotes."},
		"fraction for an amount":       {inContainer("resources: {limits: {cpu: 0.5}}"), `spec.containers[0].resources.limits["cpu"]`, `must be a string or a whole number, not a fraction. Put it in quotes`},
		"no amount":                    {inContainer("resources: {requests: {memory: 2 gigs}}"), `spec.containers[0].resources.requests["memory"]`, "is no Kubernetes quantity."},
		"boolean for a port":           {inContainer("livenessProbe: {httpGet: {port: true}}"), "spec.containers[0].livenessProbe.httpGet.port", "must be a whole number or a string, not a boolean."},
		"inside an embedded type":      {"spec: {volumes: [{name: a, secret: {secretName: 1}}]}", "spec.volumes[0].secret.secretName", "must be a string, not a number."},
		"singular":                     {inContainer("volumeMount: [{name: a, mountPath: /a}]"), "spec.containers[0].volumeMount", "is no field of a pod. Did you mean volumeMounts?"},
		"typing error":                 {"spec: {cntainers: []}", "spec.cntainers", "Did you mean containers?"},
		"other case":                   {"spec: {serviceaccountname: flink}", "spec.serviceaccountname", "Did you mean serviceAccountName?"},
		"hyphens":                      {"spec: {node-selector: {}}", "spec.node-selector", "Did you mean nodeSelector?"},
		"too deep":                     {inContainer("tolerations: []"), "spec.containers[0].tolerations", "It belongs to spec: check the indentation."},
		"much too deep":                {inContainer("metadata: {}"), "spec.containers[0].metadata", "It belongs to the top of the template: check the indentation."},
		"not deep enough":              {"containers: [{name: main}]", "containers", "It belongs one level deeper, into spec: check the indentation."},
		"a container's field outside":  {"spec: {volumeMounts: []}", "spec.volumeMounts", "It belongs one level deeper, into containers"},
		"requests without resources":   {inContainer("requests: {cpu: 1}"), "spec.containers[0].requests", "It belongs one level deeper, into resources"},
		"another kind":                 {"{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 1, template: {spec: {}}}}", "kind", "must be Pod, not Deployment. Write here what stands in spec.template of this object."},
		"a kind without a pod":         {"{kind: ConfigMap, data: {a: b}}", "kind", "must be Pod, not ConfigMap. A pod template has metadata and spec of a Pod."},
		"kind PodTemplate":             {"{kind: PodTemplate, template: {spec: {}}}", "kind", "Write here what stands in template of this object."},
		"null in a list":               {"spec: {tolerations: [{key: a}, null]}", "spec.tolerations[1]", "is null. Remove the element."},
		"beside a directive":           {"spec: {containers: [{$patch: merge, mergeKey: name}, {name: a, env: [{name: A, value: 1}]}]}", "spec.containers[1].env[0].value", "must be a string, not a number."},
		"number for the name of a key": {"spec: {volumes: [{name: a, secret: {items: [{key: 1, path: a}]}}]}", "spec.volumes[0].secret.items[0].key", "must be a string"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := defaults.CheckPodTemplate(template(t, test.text))
			if len(faults) != 1 || faults[0].Path != test.path || faults[0].Severity != flink.Error {
				t.Fatalf("the faults are %+v, want one error at %s", faults, test.path)
			}
			if says := faults[0].Problem + ". " + faults[0].Advice; !strings.Contains(says, test.says) {
				t.Errorf("it says %q, want %q", says, test.says)
			}
		})
	}
}

// A field that no type here has may be one of a newer Kubernetes.
func TestCheckPodTemplateWarnsOfUnknownFields(t *testing.T) {
	for _, text := range []string{
		"spec: {futureScheduling: {mode: fast}}",
		"metadata: {futureName: a}",
		"spec: {containers: [{name: main, acceleratorPolicy: shared}]}",
		"futureTop: 1",
	} {
		faults := defaults.CheckPodTemplate(template(t, text))
		if len(faults) != 1 || faults[0].Severity != flink.Warning || !strings.Contains(faults[0].Advice, "custom resource definition") {
			t.Errorf("%s: the faults are %+v, want one warning", text, faults)
		}
	}
}

// The operator does not read the kind, so one that is odd alone does no harm.
func TestCheckPodTemplateWarnsOfAnOddKind(t *testing.T) {
	faults := defaults.CheckPodTemplate(template(t, "{kind: PodTemplateSpec, spec: {nodeName: a}}"))
	if len(faults) != 1 || faults[0].Severity != flink.Warning || faults[0].Path != "kind" {
		t.Errorf("the faults are %+v, want one warning", faults)
	}
}

func TestCheckPodTemplateShowsNoValue(t *testing.T) {
	for _, text := range []string{
		"spec: {containers: [{name: main, env: [{name: PIN, value: 918273}]}]}",
		"spec: {containers: [{name: main, resources: {limits: {cpu: \"918273 cores\"}}}]}",
	} {
		if says := fmt.Sprint(defaults.CheckPodTemplate(template(t, text))); strings.Contains(says, "918273") {
			t.Errorf("%s: the value is shown: %s", text, says)
		}
	}
}

func TestCheckPodTemplateTakes(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "{}",
		"a usual template": `
apiVersion: v1
kind: Pod
metadata:
  name: pod-template
  creationTimestamp: null
  labels: {team: a}
  annotations: {prometheus.io/port: "9249"}
spec:
  serviceAccountName: flink
  securityContext: {runAsUser: 1000640000, fsGroup: 9999}
  nodeSelector: {disk: ssd}
  tolerations: [{key: flink, operator: Exists, tolerationSeconds: 60}]
  containers:
    - name: flink-main-container
      env:
        - {name: PORT, value: "8123"}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
      resources: {limits: {cpu: 1, memory: 1Gi, nvidia.com/gpu: 1}, requests: {cpu: "0.5"}}
      livenessProbe: {httpGet: {path: /, port: rest}, periodSeconds: 10}
      readinessProbe: {tcpSocket: {port: 8081}}
      lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
      volumeMounts: [{name: data, mountPath: /data, readOnly: true}]
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: data}}
    - {name: tmp, emptyDir: {sizeLimit: 1Gi}}
    - {name: cfg, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 3600}}]}}
  hostAliases: [{ip: 10.0.0.1, hostnames: [kafka]}]
  topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}}]
status: {}
`,
		"a null that removes": "spec: {containers: [{name: main, image: null}], nodeSelector: null}",
		"directives": `
spec:
  $patch: replace
  $setElementOrder/containers: [{name: a}]
  $deleteFromPrimitiveList/imagePullSecrets: [a]
  containers:
    - {$patch: merge, mergeKey: name}
    - {name: a, $patch: delete}
  tolerations:
    - $patch: replace
  nodeSelector: {$patch: replace, disk: ssd}
`,
		"whole numbers in other spellings": "spec: {terminationGracePeriodSeconds: 30.0, priority: 1000000}",
	} {
		t.Run(name, func(t *testing.T) {
			if faults := defaults.CheckPodTemplate(template(t, text)); len(faults) > 0 {
				t.Errorf("the faults are %+v", faults)
			}
		})
	}
}

func BenchmarkCheckPodTemplate(b *testing.B) {
	document := template(b, `
metadata: {labels: {team: a}, annotations: {a: b}}
spec:
  serviceAccountName: flink
  tolerations: [{key: flink, operator: Exists}]
  containers:
    - name: flink-main-container
      env: [{name: A, value: a}, {name: B, value: b}]
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
`)
	for b.Loop() {
		if faults := defaults.CheckPodTemplate(document); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
