package deployment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// planCheck makes a function a check of a plan.
type planCheck func(plan *tfjson.Plan) error

func (c planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c(req.Plan)
}

// effectiveChanges checks that the effective specification changes at these
// paths and nowhere else, each as "path: old -> new".
func effectiveChanges(want ...string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			if change.Address != address {
				continue
			}
			before, err := leaves(change.Change.Before)
			if err != nil {
				return err
			}
			after, err := leaves(change.Change.After)
			if err != nil {
				return err
			}
			paths := maps.Clone(before)
			maps.Copy(paths, after)
			var got []string
			for _, path := range slices.Sorted(maps.Keys(paths)) {
				if before[path] != after[path] {
					got = append(got, fmt.Sprintf("%s: %s -> %s", path, before[path], after[path]))
				}
			}
			if !slices.Equal(got, want) {
				return fmt.Errorf("effective_spec changes at %q, want %q", got, want)
			}
			return nil
		}
		return fmt.Errorf("no change of %s in the plan", address)
	})
}

// leaves returns the values of the attribute effective_spec by their path.
func leaves(resource any) (map[string]string, error) {
	values, _ := resource.(map[string]any)
	text, _ := values["effective_spec"].(string)
	var tree any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return nil, fmt.Errorf("effective_spec %q: %w", text, err)
	}
	found := map[string]string{}
	collect(found, "", tree)
	return found, nil
}

func collect(into map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			collect(into, path+"."+key, item)
		}
	case []any:
		for i, item := range value {
			collect(into, fmt.Sprintf("%s.%d", path, i), item)
		}
	default:
		into[strings.TrimPrefix(path, ".")] = fmt.Sprint(value)
	}
}

// expectRollout checks the planned action of a deployment and its causes.
func expectRollout(address, action string, because ...string) plancheck.PlanCheck {
	causes := make([]knownvalue.Check, 0, len(because))
	for _, cause := range because {
		causes = append(causes, knownvalue.StringExact(cause))
	}
	return plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"action":  knownvalue.StringExact(action),
		"because": knownvalue.ListExact(causes),
	}))
}
