package deployment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
)

// engine is who makes the switch, on a version of the operator.
type engine struct{ name, operator string }

// engines are all on which blue/green is offered.
var engines = []engine{{"provider", acctest.Newest()}, {"provider", "1.7"}, {"operator", acctest.Newest()}, {"provider", onConfluent}}

// grace is an abort grace period that a busy machine keeps: for the stand-in of
// the operator a second is one of its short steps.
func (e engine) grace() string {
	if e.name == "operator" {
		return "10m"
	}
	return "20s"
}

// colored is a fixture of a blue/green deployment with an engine.
type colored struct {
	*fixture
	*cli

	engine engine
}

func (c colored) t() *testing.T { return c.fixture.t }

// turns is the attribute upgrade.
func (c colored) turns(more ...string) string {
	choices := fmt.Sprintf("{ engine = %q, abort_grace_period = %q }", c.engine.name, c.engine.grace())
	return "{ " + strings.Join(append([]string{`strategy = "blue_green"`, "blue_green = " + choices}, more...), ", ") + " }"
}

// set writes a configuration of the blue/green deployment.
func (c colored) set(changed attributes) {
	c.t().Helper()
	values := attributes{"upgrade": c.turns()}
	for name, value := range changed {
		values[name] = value
	}
	c.write(c.config(values))
}

// images are the colors that exist with their images and jobs' states, and
// where the traffic goes.
func (c colored) images() string {
	c.t().Helper()
	list, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).List(c.t().Context(), metav1.ListOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	var out []string
	for i := range list.Items {
		object := &list.Items[i]
		image, _, _ := unstructured.NestedString(object.Object, "spec", "image")
		out = append(out, fmt.Sprintf("%s %s %s", object.GetName(), image[strings.LastIndex(image, ":")+1:], operatorState(object)))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// leadsTo is the color to which the active Service leads, with the engine that
// has one.
func (c colored) leadsTo() string {
	services := schema.GroupVersionResource{Version: "v1", Resource: "services"}
	service, err := c.cluster.Client.Resource(services).Namespace(c.namespace).Get(c.t().Context(), "orders-active", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return ""
	}
	if err != nil {
		c.t().Fatal(err)
	}
	app, _, _ := unstructured.NestedString(service.Object, "spec", "selector", "app")
	return strings.TrimPrefix(app, "orders-")
}

// expect checks what exists, and that nothing is left to do.
func (c colored) expect(images, active string) {
	c.t().Helper()
	if got := c.images(); got != images {
		c.t().Errorf("there is %s, want %s", got, images)
	}
	if got := c.leadsTo(); c.engine.name == "provider" && c.manager == nil && got != active {
		c.t().Errorf("the Service leads to %q, want %q", got, active)
	}
	c.expectNothingLeft()
	if status, _ := c.state().AttributeValues["status"].(map[string]any); active != "" && status["active_color"] != active {
		c.t().Errorf("the state has the status %v", status)
	}
}

// restored is what the stand-in of the operator recorded of a color's start.
func (c colored) restored(color string) string {
	c.t().Helper()
	object, err := c.cluster.Client.Resource(appsKind).Namespace(c.namespace).Get(c.t().Context(), "orders-"+color, metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	return object.GetAnnotations()["standin.flink/restored-from"]
}

// planned checks the action of a plan, and returns its summary.
func (c colored) planned(action, state string) string {
	c.t().Helper()
	change := c.plan()
	expectActions(c.t(), change, tfjson.ActionUpdate)
	rollout := rolloutOf(c.t(), change.After)
	if rollout["action"] != action || rollout["state"] != state {
		c.t().Errorf("planned %v", rollout)
	}
	summary, _ := rollout["summary"].(string)
	return summary
}

// statusOf is what the operator says about a color.
func (c colored) statusOf(color string) fko.Status {
	c.t().Helper()
	object, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Get(c.t().Context(), "orders-"+color, metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	return fko.StatusOf(object)
}

// jobOf is the id of a color's job.
func (c colored) jobOf(color string) string { return c.statusOf(color).JobID }

// edit changes a color by hand.
func (c colored) edit(color, patch string) {
	c.t().Helper()
	if c.manager != nil {
		c.editedAs("orders-"+color, func(spec map[string]any) {
			var change struct {
				Spec map[string]any `json:"spec"`
			}
			if err := json.Unmarshal([]byte(patch), &change); err != nil {
				c.t().Fatal(err)
			}
			mergeInto(spec, change.Spec)
		})
		return
	}
	_, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Patch(c.t().Context(), "orders-"+color, types.MergePatchType,
		[]byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	if err != nil {
		c.t().Fatal(err)
	}
}

// mergeInto writes the values of a change into a specification.
func mergeInto(spec, change map[string]any) {
	for key, value := range change {
		inside, isObject := value.(map[string]any)
		before, hasObject := spec[key].(map[string]any)
		if isObject && hasObject {
			mergeInto(before, inside)
			continue
		}
		spec[key] = value
	}
}

// drop deletes a color by hand, and waits until it is gone.
func (c colored) drop(color string) {
	c.t().Helper()
	if c.manager != nil {
		c.manager.Call(c.t(), http.MethodDelete, "environments/"+c.environment+"/applications/orders-"+color, "")
		c.settle(func(images string) bool { return !strings.Contains(images, "orders-"+color) })
		return
	}
	of := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace)
	if err := of.Delete(c.t().Context(), "orders-"+color, metav1.DeleteOptions{}); err != nil {
		c.t().Fatal(err)
	}
	c.settle(func(images string) bool { return !strings.Contains(images, "orders-"+color) })
}

// startOf waits until a color exists, and returns the path that it is to start
// from.
func (c colored) startOf(color string) string {
	c.t().Helper()
	path := ""
	err := wait.PollUntilContextTimeout(c.t().Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		object, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Get(ctx, "orders-"+color, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		if err == nil {
			path, _, _ = unstructured.NestedString(object.Object, "spec", "job", "initialSavepointPath")
		}
		return true, err
	})
	if err != nil || path == "" {
		c.t().Fatalf("%s starts from %q, %v", color, path, err)
	}
	return path
}

// settle waits until what exists is as wanted.
func (c colored) settle(wanted func(images string) bool) {
	c.t().Helper()
	err := wait.PollUntilContextTimeout(c.t().Context(), 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) { return wanted(c.images()), nil })
	if err != nil {
		c.t().Fatalf("there is %s, %v", c.images(), err)
	}
}

// expectIngress checks where the deployment's one ingress leads.
func (c colored) expectIngress(color string) {
	c.t().Helper()
	ingresses := schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}
	ingress, err := c.cluster.Client.Resource(ingresses).Namespace(c.namespace).Get(c.t().Context(), "orders", metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	backend := map[string]string{"provider": "orders-active", "operator": "orders-" + color + "-rest"}[c.engine.name]
	rules, _, _ := unstructured.NestedSlice(ingress.Object, "spec", "rules")
	text := fmt.Sprint(rules)
	if len(rules) != 1 || !strings.Contains(text, "host:flink.example.com") || !strings.Contains(text, "path:/"+c.namespace+"/orders") || !strings.Contains(text, "name:"+backend) {
		c.t().Errorf("the ingress has the rules %v", rules)
	}
}
