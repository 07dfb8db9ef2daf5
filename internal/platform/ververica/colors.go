package ververica

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// byProvider is the form of a deployment whose two colors the provider exchanges.
var byProvider = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}

// labelDeployment, of a color, has the name of the deployment that it is one of, and
// annotationActive when it became the active one.
const (
	labelDeployment  = annotationPrefix + "deployment"
	annotationActive = annotationPrefix + "active-since"
)

// colorRef names the object of a color.
func colorRef(whole platform.Ref, color string) platform.Ref {
	return platform.Ref{Namespace: whole.Namespace, Name: whole.Name + "-" + color}
}

// colorOf returns what a color of a deployment shall be.
func colorOf(want platform.Deployment, color string) platform.Deployment {
	out := want
	out.Ref, out.Form = colorRef(want.Ref, color), flink.Form{}
	if out.Labels = maps.Clone(want.Labels); out.Labels == nil {
		out.Labels = map[string]string{}
	}
	out.Labels[labelDeployment] = want.Name
	return out
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
	if observed == nil {
		return nil
	}
	out := *observed
	out.Ref, out.Form = whole, byProvider
	out.Status.ActiveColor = strings.TrimPrefix(observed.Name, whole.Name+"-")
	out.Labels = maps.Clone(observed.Labels)
	delete(out.Labels, labelDeployment)
	return &out
}

// pair are the colors of a deployment that exist, by color.
type pair map[string]object

// colorsOf returns the colors of a deployment. get reads one object.
func colorsOf(ctx context.Context, get func(ctx context.Context, namespace, collection, name string) (object, error), whole platform.Ref) (pair, error) {
	found := pair{}
	for _, color := range []string{flink.Blue, flink.Green} {
		ref := colorRef(whole, color)
		one, err := get(ctx, ref.Namespace, deployments, ref.Name)
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if texts(one, "metadata", "labels")[labelDeployment] == whole.Name {
			found[color] = one
		}
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
	observed, err := c.observe(ctx, colorRef(whole, active), found[active], fresh)
	if err != nil {
		return nil, err
	}
	out := wholeOf(observed, whole)
	if other != "" {
		out.RolledOut = false
		if out.Unfinished == "" {
			out.Unfinished = planner.ActionBlueGreen
		}
	}
	return out, nil
}
