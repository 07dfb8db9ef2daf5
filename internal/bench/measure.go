package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest/apimetrics"
)

// reference is the number of deployments for which most limits are set, and large the one that is compared with it.
const (
	reference = 200
	large     = 1000
	// whole is the number of streamlets of an application.
	whole = 100
)

// The limits of the figures.
const (
	planLimit   = 2.0
	applyLimit  = 1.9
	growthLimit = 5.5
	restLimit   = 1.2
	// wholeLimit is for an application, against as many single deployments.
	wholeLimit  = 0.8
	schemaLimit = 100 * time.Millisecond
	memoryLimit = 150 << 20
	binaryLimit = 60 << 20
)

// asked are the resources that only the provider asks for, or nobody else while a command runs.
var asked = []string{"flinkdeployments", "namespaces", "serviceaccounts", "roles", "rolebindings", "customresourcedefinitions"}

// pair is what the deployments cost, and what as many terraform_data do.
type pair struct{ flink, floor []usage }

func (b *bench) measure(ctx context.Context, sizes []int) error {
	var figures report
	plans := map[int]time.Duration{}
	var configurations []configuration
	for _, size := range sizes {
		configurations = append(configurations, configuration{name: fmt.Sprintf("bench-%d", size), size: size})
	}
	if slices.Contains(sizes, reference) {
		configurations = append(configurations, configuration{name: fmt.Sprintf("bench-%d-pod", reference), size: reference, template: true})
	}
	for _, c := range configurations {
		plan, err := b.configuration(ctx, c, &figures)
		if err != nil {
			return err
		}
		if !c.template {
			plans[c.size] = plan
		}
	}
	if plans[reference] > 0 && plans[large] > 0 {
		growth := float64(plans[large]) / float64(plans[reference])
		figures.add(figure{name: fmt.Sprintf("no-change plan, %s : %s", thousands(large), thousands(reference)), ratio: growth, limit: atMost(growth, growthLimit)})
	}
	if plans[reference] > 0 {
		for _, other := range overREST {
			if err := b.against(ctx, other.platform, other.command, reference, plans[reference], &figures); err != nil {
				return err
			}
		}
	}
	if plans[reference] > 0 || plans[whole] > 0 {
		if err := b.asApplication(ctx, &figures); err != nil {
			return err
		}
	}
	if err := b.process(ctx, &figures); err != nil {
		return err
	}
	return figures.print(os.Stdout)
}

// against measures deployments on a platform with a server of its own, against what a plan of as many costs on the
// operator in the same run.
func (b *bench) against(ctx context.Context, platform, command string, size int, operator time.Duration, figures *report) error {
	server, stop, err := b.serve(ctx, platform, command)
	if err != nil {
		return err
	}
	defer stop()
	plan, err := b.configuration(ctx, configuration{name: fmt.Sprintf("bench-%d-%s", size, platform), size: size, server: server}, figures)
	if err != nil {
		return err
	}
	ratio := float64(plan) / float64(operator)
	figures.add(figure{name: fmt.Sprintf("no-change plan, %d on %s : on the operator", size, platform), ratio: ratio, limit: atMost(ratio, restLimit)})
	return nil
}

// compare measures the deployments of one platform against those on the operator, and nothing else.
func (b *bench) compare(ctx context.Context, platform string, size int) error {
	var figures report
	at := slices.IndexFunc(overREST, func(other struct{ platform, command string }) bool { return other.platform == platform })
	if at < 0 {
		return fmt.Errorf("no platform %q has a server of its own", platform)
	}
	operator, err := b.configuration(ctx, configuration{name: fmt.Sprintf("bench-%d", size), size: size}, &figures)
	if err != nil {
		return err
	}
	if err := b.against(ctx, platform, overREST[at].command, size, operator, &figures); err != nil {
		return err
	}
	return figures.print(os.Stdout)
}

// asApplication measures an application against as many single deployments.
func (b *bench) asApplication(ctx context.Context, figures *report) error {
	single, err := b.configuration(ctx, configuration{name: fmt.Sprintf("bench-%d-single", whole), size: whole}, figures)
	if err != nil {
		return err
	}
	application, err := b.configuration(ctx, configuration{name: fmt.Sprintf("bench-%d-application", whole), size: whole, application: true}, figures)
	if err != nil {
		return err
	}
	ratio := float64(application) / float64(single)
	figures.add(figure{name: fmt.Sprintf("no-change plan, an application of %d streamlets and %d topics : %d deployments", whole, whole*3/2, whole), ratio: ratio, limit: atMost(ratio, wholeLimit)})
	return nil
}

// configuration measures applies and no-change plans of one configuration and returns what a plan costs.
func (b *bench) configuration(ctx context.Context, c configuration, figures *report) (time.Duration, error) {
	name := thousands(c.size)
	if c.template {
		name += " with a pod template"
	}
	if c.server != nil {
		name += " on " + c.server.platform
	}
	if c.application {
		name += " in an application"
	}
	progress("Applying and planning %s", name)
	applies := 1
	usual := c.size == reference && !c.template && c.server == nil && !c.application
	if usual && b.only == "" {
		applies = b.repeat
	}
	var apply, plan pair
	var applied, planned apimetrics.Counts
	var flink, floor string
	for i := range applies {
		fresh := c
		if i > 0 {
			fresh.name = fmt.Sprintf("%s-%d", c.name, i+1)
		}
		var err error
		if flink, floor, err = fresh.write(b.dir); err != nil {
			return 0, err
		}
		if applied, err = b.both(ctx, c.server, &apply, flink, floor, applyAll); err != nil {
			return 0, err
		}
	}
	if c.server != nil {
		if err := b.settle(ctx, flink); err != nil {
			return 0, err
		}
	}
	for range b.repeat {
		var err error
		if planned, err = b.both(ctx, c.server, &plan, flink, floor, noChanges); err != nil {
			return 0, err
		}
	}
	planFigure := compared("no-change plan, "+name, plan)
	applyFigure := compared("apply, "+name, apply)
	planFigure.requests, applyFigure.requests = planned, applied
	if c.size == reference && c.server == nil {
		// With a pod template in the environment's defaults, too.
		planFigure.limit = atMost(planFigure.ratio, planLimit)
	}
	if usual {
		applyFigure.limit = atMost(applyFigure.ratio, applyLimit)
	}
	figures.add(planFigure)
	figures.add(applyFigure)
	if c.size == large {
		peak := median(plan.flink, func(u usage) int64 { return u.memory })
		figures.add(figure{name: "peak memory of the provider, plan of " + name, value: fmt.Sprintf("%d MB", peak>>20), limit: below(peak, memoryLimit, "150 MB"), unknown: peak == 0})
	}
	return median(plan.flink, func(u usage) time.Duration { return u.cpu }), nil
}

// mostRefreshes is how often a state may change by itself before it counts as one that never ends to.
const mostRefreshes = 20

// settle refreshes a state until it is what the platform tells: jobs come to run after `submitted`, and a plan whose refresh
// finds something new is no plan without a change.
func (b *bench) settle(ctx context.Context, folder string) error {
	file := filepath.Join(folder, "terraform.tfstate")
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for range mostRefreshes {
		if _, err := b.terraform(ctx, folder, refresh...); err != nil {
			return err
		}
		after, err := os.ReadFile(file)
		if err != nil || bytes.Equal(before, after) {
			return err
		}
		before = after
	}
	return fmt.Errorf("the state in %s still changes after %d refreshes", filepath.Base(folder), mostRefreshes)
}

// both runs a command on the deployments and on terraform_data, and returns the requests of the former.
func (b *bench) both(ctx context.Context, of *server, into *pair, flink, floor string, command []string) (apimetrics.Counts, error) {
	before, err := b.requests(ctx, of)
	if err != nil {
		return nil, err
	}
	cost, err := b.terraform(ctx, flink, command...)
	if err != nil {
		return nil, err
	}
	after, err := b.requests(ctx, of)
	if err != nil {
		return nil, err
	}
	into.flink = append(into.flink, cost)
	if cost, err = b.terraform(ctx, floor, command...); err != nil {
		return nil, err
	}
	into.floor = append(into.floor, cost)
	return after.Since(before), nil
}

// process measures the provider's process alone.
func (b *bench) process(ctx context.Context, figures *report) error {
	var times []time.Duration
	for range 10 {
		took, err := b.startToSchema(ctx)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	// The fastest: elapsed time is all there is to measure, and other load can only add to it.
	took := slices.Min(times)
	figures.add(figure{name: "start until the schema is served", value: took.Round(time.Millisecond).String(), limit: below(took, schemaLimit, schemaLimit.String())})
	binary, err := os.Stat(b.provider)
	if err != nil {
		return err
	}
	figures.add(figure{name: "size of the binary", value: fmt.Sprintf("%d MB", binary.Size()>>20), limit: below(binary.Size(), binaryLimit, "60 MB")})
	return nil
}

// median returns the middle of a property of the samples.
func median[S any, V cmp.Ordered](samples []S, of func(S) V) V {
	values := make([]V, 0, len(samples))
	for _, sample := range samples {
		values = append(values, of(sample))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
