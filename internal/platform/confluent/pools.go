package confluent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Phases of a compute pool. One of the type DEDICATED is always in that phase.
const (
	phaseRunning   = "RUNNING"
	phaseSuspended = "SUSPENDED"
	phaseFailed    = "FAILED"
)

// firstWithSharedPools is the first version that has shared pools, and changes
// pools in place.
const firstWithSharedPools = "2.3"

type poolSpec struct {
	Type        string     `json:"type"`
	State       string     `json:"state,omitempty"`
	ClusterSpec flink.Tree `json:"clusterSpec"`
}

type poolStatus struct {
	Phase   string  `json:"phase"`
	Message *string `json:"message"`
}

// pools are the compute pools of all environments. A pool with statements is
// neither changed nor deleted.
type pools struct {
	records[platform.ComputePool, poolSpec, poolStatus]
}

// ComputePools implements platform.SQL.
func (c *Client) ComputePools() platform.Objects[platform.ComputePool] {
	return explained[platform.ComputePool](c.pools())
}

func (c *Client) pools() *pools {
	p := &pools{records[platform.ComputePool, poolSpec, poolStatus]{
		kind: kind[poolSpec, poolStatus]{
			client: c, name: "ComputePool", parent: "Environment",
			in: func(environment string) []string { return at("environments", environment, "compute-pools") },
		},
		described: func(p platform.ComputePool) platform.Described { return p.Described },
		spec: func(_ context.Context, want platform.ComputePool) (poolSpec, error) {
			return poolSpec{Type: strings.ToUpper(want.Type), State: strings.ToUpper(want.State), ClusterSpec: want.Cluster}, nil
		},
		known: poolOf,
	}}
	p.refused = p.inUse
	return p
}

// Create implements platform.Objects.
func (p *pools) Create(ctx context.Context, want platform.ComputePool) (platform.ComputePool, error) {
	if want.Type == platform.PoolShared {
		if err := p.client.require(ctx, "A shared compute pool", firstWithSharedPools); err != nil {
			return want, err
		}
	}
	return p.records.Create(ctx, want)
}

// Update implements platform.Objects.
func (p *pools) Update(ctx context.Context, want, before platform.ComputePool) (platform.ComputePool, error) {
	if err := p.client.require(ctx, "Changing a compute pool in place", firstWithSharedPools); err != nil {
		return want, err
	}
	known, err := p.records.Update(ctx, want, before)
	return known, p.inUse(ctx, want.Ref, err)
}

// Await implements platform.Objects: a shared pool is a cluster that starts.
func (p *pools) Await(ctx context.Context, known platform.ComputePool) (platform.ComputePool, error) {
	if settled(known) {
		return known, failed(known)
	}
	last, err := p.follow(ctx, known.Ref, func(seen object[poolSpec, poolStatus]) bool { return settled(p.of(known.Ref, seen)) })
	if last.Metadata.Name != "" {
		known = p.of(known.Ref, last)
	}
	if err == nil {
		return known, failed(known)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return known, &platform.RolloutError{
			Waiting: true,
			Summary: fmt.Sprintf("The compute pool %q does not run in time", known.Name),
			Detail:  fmt.Sprintf("Its phase is %s. %s", known.Phase, said(known)),
		}
	}
	return known, err
}

// settled tells whether a pool is what it shall be, or cannot be that.
func settled(p platform.ComputePool) bool {
	switch {
	case p.Type != platform.PoolShared, p.Phase == phaseFailed:
		return true
	case p.State == platform.PoolSuspended:
		return p.Phase == phaseSuspended
	}
	return p.Phase == phaseRunning
}

// failed returns the error of a pool that cannot run.
func failed(p platform.ComputePool) error {
	if p.Phase != phaseFailed {
		return nil
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The compute pool %q does not run", p.Name),
		Detail:  fmt.Sprintf("%s says that ComputePool %s is %s. %s", product, p.Ref, p.Phase, said(p)),
	}
}

func said(p platform.ComputePool) string {
	if p.Message == "" {
		return "It does not say why."
	}
	return "Its message: " + p.Message
}

// environmentOnce reads an environment once in the life of the client.
func (c *Client) environmentOnce(ctx context.Context, name string) (environment, error) {
	return rest.Once(ctx, c.rest, "environment/"+name, func(ctx context.Context) (environment, error) { return environments{c}.get(ctx, name) })
}

// poolConfiguration is what the clusters of a pool are configured with: what the
// environment says wins.
func poolConfiguration(in environment, pool poolSpec) map[string]string {
	out := map[string]string{}
	for _, cluster := range []any{pool.ClusterSpec, in.Pools["clusterSpec"]} {
		is, _ := cluster.(map[string]any)
		configuration, _ := is["flinkConfiguration"].(map[string]any)
		for key, value := range configuration {
			out[key] = fmt.Sprint(value)
		}
	}
	return out
}

// inUse names the statements for which the server refuses something (409).
func (p *pools) inUse(ctx context.Context, ref platform.Ref, err error) error {
	if rest.Code(err) != http.StatusConflict {
		return err
	}
	statements, _ := p.client.pages(ctx, at("environments", ref.Namespace, "statements"), url.Values{"compute-pool": {ref.Name}})
	return used(p.name, ref, err, "statement", slices.Sorted(maps.Keys(statements)))
}

// poolOf returns a pool as the resources know it.
func poolOf(is platform.Described, spec poolSpec, status poolStatus) platform.ComputePool {
	return platform.ComputePool{
		Described: is, Type: strings.ToLower(spec.Type), State: strings.ToLower(spec.State),
		Cluster: spec.ClusterSpec, Phase: status.Phase, Message: ptr.Deref(status.Message, ""),
	}
}
