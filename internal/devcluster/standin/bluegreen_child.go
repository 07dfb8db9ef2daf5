package standin

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
)

// labelColor tells blue from green.
const labelColor = "flink/blue-green-deployment-type"

const blueGreenKind = "FlinkBlueGreenDeployment"

// child is one of the FlinkDeployments of a FlinkBlueGreenDeployment, as the apiserver has it.
type child struct {
	obj  *unstructured.Unstructured
	pass *pass
}

func (b *blueGreenPass) childKey(c color) types.NamespacedName { return childKey(b.key, c) }

func childKey(parent types.NamespacedName, c color) types.NamespacedName {
	return types.NamespacedName{Namespace: parent.Namespace, Name: parent.Name + "-" + strings.ToLower(string(c))}
}

// parentOf is the FlinkBlueGreenDeployment that a FlinkDeployment belongs to.
func parentOf(obj *unstructured.Unstructured) (key types.NamespacedName, ok bool) {
	for _, owner := range obj.GetOwnerReferences() {
		if owner.Kind == blueGreenKind {
			return types.NamespacedName{Namespace: obj.GetNamespace(), Name: owner.Name}, true
		}
	}
	return types.NamespacedName{}, false
}

func (b *blueGreenPass) findChildren(ctx context.Context) error {
	b.children = map[color]*child{}
	for _, c := range colors {
		obj, err := b.api.get(ctx, deployments, b.childKey(c))
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if _, ok := parentOf(obj); !ok {
			continue
		}
		p, err := b.newPass(ctx, deployments, obj)
		if err != nil {
			return err
		}
		b.children[c] = &child{obj: obj, pass: p}
	}
	return nil
}

// ready is what the operator waits for.
func (c *child) ready() bool {
	return c.pass.st.Lifecycle == lifecycleStable && c.pass.st.Job.State == jobRunning
}

// suspended reports whether the job is to be suspended; it may not be yet.
func (c *child) suspended() bool { return c.pass.spec.jobState() == stateSuspended }

// deploy creates the FlinkDeployment of a color, or replaces it as a whole: finalizer and annotations are gone for a
// moment. It starts from savepoint, "" for the template's initialSavepointPath.
func (b *blueGreenPass) deploy(ctx context.Context, c color, savepoint string) (time.Duration, error) {
	if b.spec.template.job == nil {
		return 0, exceptionError("NullPointerException: the template has no job")
	}
	spec, err := childSpec(b.spec.template, c, savepoint, b.version)
	if err != nil {
		return 0, err
	}
	key := b.childKey(c)
	owners := owner(b.obj.GetAPIVersion(), b.obj.GetKind(), b.key.Name, b.obj.GetUID(), false)
	err = b.api.put(ctx, deployments, map[string]any{
		"apiVersion": group + "/" + apiVersion, "kind": "FlinkDeployment",
		"metadata": map[string]any{
			"namespace": key.Namespace, "name": key.Name, "ownerReferences": owners, "labels": map[string]any{labelColor: string(c)},
		},
		"spec": spec,
	})
	if err != nil {
		return 0, err
	}
	b.st.AbortTimestamp = instant(time.Now().Add(b.configured(keyAbortGracePeriod, 10*time.Minute)))
	return b.rescheduleInterval(), b.record(ctx, transitioningTo(c), jobReconciling, "")
}

// childSpec is the spec of the FlinkDeployment of a color. It starts from savepoint, "" for the template's
// initialSavepointPath.
func childSpec(template *spec, c color, savepoint string, v version) (map[string]any, error) {
	s := template.clone()
	if savepoint != "" {
		location := strings.ReplaceAll(savepoint, "file:", "")
		s.job.initialSavepointPath = &location
	}
	if ingress, ok := s.ingress.(map[string]any); ok {
		prefixed := maps.Clone(ingress)
		template, _ := ingress["template"].(string)
		prefixed["template"] = strings.ToLower(string(c)) + "-" + template
		s.ingress = prefixed
	}
	var m map[string]any
	if err := k8sjson.Unmarshal([]byte(s.document(v, false).text()), &m); err != nil {
		return nil, fmt.Errorf("spec of %s: %w", c, err)
	}
	dropNulls(m)
	return m, nil
}

// dropNulls removes what the operator does not send: fields that are not set.
func dropNulls(m map[string]any) {
	for k, v := range m {
		switch x := v.(type) {
		case nil:
			delete(m, k)
		case map[string]any:
			dropNulls(x)
		}
	}
}

// patchChild writes the template to the FlinkDeployment of the same color. With carryOver and beside the other color
// it keeps the savepoint that it was started from.
func (b *blueGreenPass) patchChild(ctx context.Context, c color, carryOver bool) (time.Duration, error) {
	patched := b.children[c]
	if patched == nil {
		return 0, exceptionError("NullPointerException: there is no " + b.childKey(c).Name)
	}
	b.reconciled()
	savepoint := ""
	if carryOver {
		if path := patched.pass.spec.job.initialSavepointPath; path != nil {
			savepoint = *path
		}
		if savepoint == "" {
			savepoint = patched.pass.st.Job.UpgradeSavepointPath
		}
		if savepoint != "" && patched.pass.last == nil {
			return 0, exceptionError("Cannot create observe config before first deployment, this indicates a bug.")
		}
	}
	if len(b.children) < len(colors) {
		savepoint = ""
	}
	return b.deploy(ctx, c, savepoint)
}
