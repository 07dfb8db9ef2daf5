package ververica

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file has the deployment defaults of a namespace, of which there is always exactly
// one object: an environment has its say in it, beside that of others.

// deploymentDefaults is the path of the object in a namespace.
const deploymentDefaults = "deployment-defaults"

// defaultsOf returns what an environment says to deployments, as the spec of deployment
// defaults. What it overrides is not among it: the server knows defaults alone, which a
// deployment's own values win over.
func defaultsOf(of platform.Environment) (object, error) {
	settings, err := defaults.Decode(of.Settings)
	if err != nil || settings.Defaults == nil {
		return nil, err
	}
	return vvp.Defaults(settings.Defaults.DeploymentSpec)
}

// sayDefaults puts into the deployment defaults what an environment says, and takes out
// what it has said before and does not any more. Without either nothing is asked.
func (e environments) sayDefaults(ctx context.Context, want, previous platform.Environment) error {
	says, err := defaultsOf(want)
	if err != nil {
		return err
	}
	said, err := defaultsOf(previous)
	if err != nil || len(says)+len(said) == 0 {
		return err
	}
	live, err := e.client.ownDefaults(ctx, want.Name)
	if err != nil {
		return err
	}
	patch := flink.MergePatch(live, flink.Overlay(live, said, says))
	if len(patch) == 0 {
		return nil
	}
	return e.client.do(ctx, want.Name, rest.Request{
		Method: http.MethodPatch, Path: at(want.Name, deploymentDefaults), Merges: true,
		Body: object{"kind": "DeploymentDefaults", "apiVersion": apiVersion, "spec": patch},
	}, nil)
}

// ownDefaults returns the spec of the deployment defaults of a namespace.
func (c *Client) ownDefaults(ctx context.Context, namespace string) (object, error) {
	return c.defaultsAt(ctx, namespace, at(namespace, deploymentDefaults))
}

// globalDefaults is the path of the defaults of all namespaces.
var globalDefaults = []string{"api", "v1", "global-deployment-defaults"}

func (c *Client) defaultsAt(ctx context.Context, namespace string, path []string) (object, error) {
	var found struct {
		Spec object `json:"spec"`
	}
	err := c.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: path}, &found)
	return found.Spec, err
}

// allDefaults are what the server fills a deployment of a namespace with, which is read once in
// the life of the client. What may not be read, or is not there, says nothing.
func (c *Client) allDefaults(ctx context.Context, namespace string) (flink.Tree, error) {
	return rest.Once(ctx, c.in(namespace), namespace+"/defaults", func(ctx context.Context) (flink.Tree, error) {
		var all flink.Tree
		for _, path := range [][]string{globalDefaults, at(namespace, deploymentDefaults)} {
			says, err := c.defaultsAt(ctx, namespace, path)
			if code := rest.Code(err); err != nil && code != http.StatusNotFound && code != http.StatusForbidden {
				return nil, err
			}
			all = flink.Overlay(all, nil, says)
		}
		return all, nil
	})
}

// missingDefaults are the values that an environment says and the deployment defaults do
// not have, as paths, for example template.spec.flinkConfiguration["state.backend.type"].
func (e environments) missingDefaults(ctx context.Context, of platform.Environment) ([]string, error) {
	says, err := defaultsOf(of)
	if err != nil || len(says) == 0 {
		return nil, err
	}
	live, err := e.client.ownDefaults(ctx, of.Name)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, at := range different(nil, says, live) {
		out = append(out, "deployment defaults: "+at)
	}
	return out, nil
}

// configurationField has the configuration of Flink, whose values mean what Flink reads
// from them.
const configurationField = "flinkConfiguration"

// different are the paths at which a server does not have what was said, sorted. What it
// has beside that is of others. A server may keep a number as a text.
func different(path []string, said, live object) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(said)) {
		here := append(slices.Clone(path), key)
		inside, isTree := said[key].(object)
		theirs, _ := live[key].(object)
		switch {
		case isTree && key == configurationField:
			for _, change := range flink.Diff(flink.Tree{configurationField: inside}, flink.Tree{configurationField: theirs}) {
				if change.Old != nil {
					out = append(out, pathText(append(here, change.Path[1])))
				}
			}
		case isTree:
			out = append(out, different(here, inside, theirs)...)
		case !same(key, said[key], live[key]):
			out = append(out, pathText(here))
		}
	}
	return out
}

// same compares a value that was said with that of a server.
func same(key string, said, live any) bool {
	switch said := said.(type) {
	case nil:
		return live == nil
	case object:
		theirs, ok := live.(object)
		return ok && len(different(nil, said, theirs)) == 0
	case []any:
		theirs, _ := live.([]any)
		return slices.EqualFunc(said, theirs, func(a, b any) bool { return same("", a, b) })
	case json.Number:
		first, ok := new(big.Rat).SetString(said.String())
		second, okToo := new(big.Rat).SetString(fmt.Sprint(live))
		return ok && okToo && first.Cmp(second) == 0
	case string:
		theirs, ok := live.(string)
		return ok && (said == theirs || key == "memory" && flink.SameMemory(said, theirs))
	}
	return fmt.Sprint(said) == fmt.Sprint(live)
}

// plainStep is a step of a path that needs no quotes.
var plainStep = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

// pathText writes a path into an object.
func pathText(path []string) string {
	var out strings.Builder
	for i, step := range path {
		switch {
		case i > 0 && (path[i-1] == configurationField || !plainStep.MatchString(step)):
			out.WriteString("[" + strconv.Quote(step) + "]")
		case i > 0:
			out.WriteString("." + step)
		default:
			out.WriteString(step)
		}
	}
	return out.String()
}
