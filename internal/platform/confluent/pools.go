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

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Phases of a compute pool. One of the type DEDICATED is always in that phase.
const (
	phaseDedicated = "DEDICATED"
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

type pool = object[poolSpec, poolStatus]

// pools are the compute pools of all environments.
type pools struct{ kind[poolSpec, poolStatus] }

// ComputePools implements platform.SQL.
func (c *Client) ComputePools() platform.Objects[platform.ComputePool] {
	return explained[platform.ComputePool]{&pools{kind[poolSpec, poolStatus]{
		client: c, name: "ComputePool", parent: "Environment",
		in: func(environment string) []string { return at("environments", environment, "compute-pools") },
	}}}
}

// Create implements platform.Objects.
func (p *pools) Create(ctx context.Context, want platform.ComputePool) (platform.ComputePool, error) {
	if want.Type == platform.PoolShared {
		if err := p.client.require(ctx, "A shared compute pool", firstWithSharedPools); err != nil {
			return want, err
		}
	}
	return p.told(want, func(sent pool) (pool, error) { return p.create(ctx, want.Ref, sent) })
}

// Update implements platform.Objects.
func (p *pools) Update(ctx context.Context, want platform.ComputePool) (platform.ComputePool, error) {
	if err := p.client.require(ctx, "Changing a compute pool in place", firstWithSharedPools); err != nil {
		return want, err
	}
	return p.told(want, func(sent pool) (pool, error) {
		written, err := p.replace(ctx, want.Ref, sent)
		return written, p.inUse(ctx, want.Ref, err)
	})
}

// told writes a pool and returns it as the server has it.
func (p *pools) told(want platform.ComputePool, write func(pool) (pool, error)) (platform.ComputePool, error) {
	written, err := write(p.object(want.Described, poolSpec{
		Type: strings.ToUpper(want.Type), State: strings.ToUpper(want.State), ClusterSpec: want.Cluster,
	}))
	if err != nil {
		return want, err
	}
	return poolOf(want.Namespace, written), nil
}

// Read implements platform.Objects.
func (p *pools) Read(ctx context.Context, ref platform.Ref) (platform.ComputePool, error) {
	found, err := p.read(ctx, ref)
	return poolOf(ref.Namespace, found), err
}

// Await implements platform.Objects: a shared pool is a cluster that starts.
func (p *pools) Await(ctx context.Context, known platform.ComputePool) (platform.ComputePool, error) {
	if settled(known) {
		return known, failed(known)
	}
	last, err := p.follow(ctx, known.Ref, func(seen pool) bool { return settled(poolOf(known.Namespace, seen)) })
	if last.Metadata.Name != "" {
		known = poolOf(known.Namespace, last)
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

// Delete implements platform.Objects.
func (p *pools) Delete(ctx context.Context, ref platform.Ref) error {
	return p.inUse(ctx, ref, p.remove(ctx, ref))
}

// inUse names the statements for which the server refuses something (409).
func (p *pools) inUse(ctx context.Context, ref platform.Ref, err error) error {
	if rest.Code(err) != http.StatusConflict {
		return err
	}
	statements, _ := p.client.pages(ctx, at("environments", ref.Namespace, "statements"), url.Values{"compute-pool": {ref.Name}})
	return p.used(ref, err, "statement", slices.Sorted(maps.Keys(statements)))
}

// poolOf returns a pool as the resources know it.
func poolOf(environment string, of pool) platform.ComputePool {
	out := platform.ComputePool{
		Described: of.described(environment), Type: strings.ToLower(of.Spec.Type), State: strings.ToLower(of.Spec.State),
		Cluster: of.Spec.ClusterSpec, Phase: of.Status.Phase,
	}
	if of.Status.Message != nil {
		out.Message = *of.Status.Message
	}
	return out
}
