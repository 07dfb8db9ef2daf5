package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// colorOf returns what one color of a deployment shall be.
func colorOf(want platform.Deployment, color string) (platform.Deployment, error) {
	out := bluegreen.ColorOf(want, color, deploymentLabel)
	if want.Spec.Ingress != nil {
		text, err := json.Marshal(want.Spec.Ingress)
		if err != nil {
			return out, fmt.Errorf("encode ingress: %w", err)
		}
		if out.Annotations = maps.Clone(want.Annotations); out.Annotations == nil {
			out.Annotations = map[string]string{}
		}
		out.Annotations[ingressAnnotation] = string(text)
		out.Spec.Ingress = nil
	}
	return out, nil
}

// changeOf returns a change of a deployment as one of a color, in place.
func changeOf(change platform.Change, color string) (platform.Change, error) {
	was, err := colorOf(platform.Deployment{Ref: change.Ref, Spec: change.Was.Spec, Labels: change.Was.Labels, Annotations: change.Was.Annotations}, color)
	if err != nil {
		return change, err
	}
	change.Was = &platform.Was{UID: change.Was.UID, Spec: was.Spec, Labels: was.Labels, Annotations: was.Annotations}
	change.Deployment, err = colorOf(change.Deployment, color)
	return change, err
}

// wholeOf returns the deployment that an observed color stands for.
func wholeOf(observed *platform.Observed, whole platform.Ref) *platform.Observed {
	out := bluegreen.Whole(observed, whole, deploymentLabel)
	out.Annotations = maps.Clone(observed.Annotations)
	if text, ok := out.Annotations[ingressAnnotation]; ok {
		if ingress, err := flink.ParseTree([]byte(text)); err == nil {
			out.Spec = maps.Clone(observed.Spec)
			out.Spec["ingress"] = ingress
			if observed.Written != nil {
				out.Written = maps.Clone(observed.Written)
				out.Written["ingress"] = ingress
			}
		}
	}
	delete(out.Annotations, ingressAnnotation)
	delete(out.Annotations, activeAnnotation)
	return out
}

// isColorOf tells whether an object is a color of a deployment, and not one
// that only has such a name.
func isColorOf(object *unstructured.Unstructured, whole platform.Ref) bool {
	return object.GetLabels()[deploymentLabel] == whole.Name
}

// activeSince is when a color became the active one, zero when it never has.
func activeSince(object *unstructured.Unstructured) time.Time {
	at, err := time.Parse(time.RFC3339Nano, object.GetAnnotations()[activeAnnotation])
	if err != nil {
		return time.Time{}
	}
	return at
}

// colors are the objects of a blue/green deployment, by color.
type colors map[string]*unstructured.Unstructured

// getter reads one object.
type getter func(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)

// colorsOf returns the colors of a deployment that exist, and whether there are
// some of the operator's engine.
func colorsOf(ctx context.Context, get getter, whole platform.Ref) (found colors, children bool, err error) {
	found = colors{}
	for _, color := range []string{flink.Blue, flink.Green} {
		object, err := get(ctx, deploymentKind, keyOf(bluegreen.ColorRef(whole, color)))
		var absent *kube.NotFoundError
		switch {
		case errors.As(err, &absent):
		case err != nil:
			return nil, false, err
		case isColorOf(object, whole):
			found[color] = object
		case fko.IsChild(object):
			children = true
		}
	}
	return found, children, nil
}

// roles returns the active color and the other one, empty for none. It looks
// at no more than the objects.
func (c colors) roles() (active, other string) {
	facts := bluegreen.Situation{}
	for color, object := range c {
		f := &bluegreen.Color{
			Color: color, Since: activeSince(object), Created: object.GetCreationTimestamp().Time,
			Running: fko.StatusOf(object).JobState == flink.StateRunning,
		}
		if color == flink.Blue {
			facts.Blue = f
		} else {
			facts.Green = f
		}
	}
	a, o := facts.Roles()
	if a != nil {
		active = a.Color
	}
	if o != nil {
		other = o.Color
	}
	return active, other
}

// observe returns the deployment as its active color has it. While there is a
// second color, a switch is on its way.
func (c colors) observe(whole platform.Ref) (*platform.Observed, error) {
	active, other := c.roles()
	observed, err := observe(c[active])
	if err != nil {
		return nil, err
	}
	out := wholeOf(observed, whole)
	if other != "" {
		bluegreen.Switching(out)
	}
	return out, nil
}
