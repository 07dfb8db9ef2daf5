package ververica

import (
	"context"
	"net/http"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// labelDeployment, of a color, has the name of the deployment that it is one of, and
// annotationActive when it became the active one.
const (
	labelDeployment  = annotationPrefix + "deployment"
	annotationActive = annotationPrefix + "active-since"
)

// colorOf returns what a color of a deployment shall be.
func colorOf(want platform.Deployment, color string) platform.Deployment {
	return bluegreen.ColorOf(want, color, labelDeployment)
}

// changeOf returns a change of a deployment as one of a color, in place.
func changeOf(change platform.Change, color, id string) platform.Change {
	was := colorOf(platform.Deployment{Ref: change.Ref, Spec: change.Was.Spec, Labels: change.Was.Labels, Annotations: change.Was.Annotations}, color)
	change.Was = &platform.Was{UID: id, Spec: was.Spec, Labels: was.Labels, Annotations: was.Annotations}
	change.Deployment = colorOf(change.Deployment, color)
	return change
}

// wholeOf returns the deployment that an observed color stands for.
func wholeOf(observed *platform.Observed, whole platform.Ref) *platform.Observed {
	return bluegreen.Whole(observed, whole, labelDeployment)
}

// pair are the colors of a deployment that exist, by color.
type pair map[string]object

// looker reads one object. A 404 stays as it is.
type looker func(ctx context.Context, namespace, collection, name string) (object, error)

// colorsOf returns the colors of a deployment. Whether a 404 is to be believed is asked once, after
// all of them.
func (c *Client) colorsOf(ctx context.Context, look looker, whole platform.Ref) (pair, error) {
	found := pair{}
	var refused error
	for _, color := range []string{flink.Blue, flink.Green} {
		ref := bluegreen.ColorRef(whole, color)
		one, err := look(ctx, ref.Namespace, deployments, ref.Name)
		switch {
		case rest.Code(err) == http.StatusNotFound:
			refused = err
		case err != nil:
			return nil, err
		case texts(one, "metadata", "labels")[labelDeployment] == whole.Name:
			found[color] = one
		}
	}
	if err := c.believed(ctx, key{whole.Namespace, deployments, whole.Name}, refused); err != nil && !isAbsent(err) {
		return nil, err
	}
	return found, nil
}

// roles returns the active color and the other one, empty for none.
func (p pair) roles() (active, other string) {
	var facts bluegreen.Situation
	facts.Blue, facts.Green = p.bare(flink.Blue), p.bare(flink.Green)
	a, o := facts.Roles()
	if a != nil {
		active = a.Color
	}
	if o != nil {
		other = o.Color
	}
	return active, other
}

// bare is what the object of a color alone tells; nil where there is none.
func (p pair) bare(color string) *bluegreen.Color {
	one, has := p[color]
	if !has {
		return nil
	}
	return &bluegreen.Color{Color: color, Since: timeOf(one, "metadata", "annotations", annotationActive), Created: timeOf(one, "metadata", "createdAt"), Running: vvp.State(one) == vvp.StateRunning}
}

// timeOf reads a time; zero for none.
func timeOf(of object, path ...string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text(of, path...))
	if err != nil {
		return time.Time{}
	}
	return at
}

// observePair returns a deployment as its active color has it. While there is a second color,
// a switch is on its way.
func (c *Client) observePair(ctx context.Context, whole platform.Ref, found pair, fresh bool) (*platform.Observed, error) {
	active, other := found.roles()
	observed, err := c.observe(ctx, bluegreen.ColorRef(whole, active), found[active], fresh)
	if err != nil {
		return nil, err
	}
	out := wholeOf(observed, whole)
	if other != "" {
		bluegreen.Switching(out)
	}
	return out, nil
}
