// Package apimetrics counts the requests that an API server has answered, by its own metrics.
package apimetrics

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/client-go/rest"
)

// Counts are numbers of requests by verb and resource, for example "LIST flinkdeployments"; a subresource follows a
// slash. A patch by server-side apply is an APPLY.
type Counts map[string]int

// The series of https://kubernetes.io/docs/reference/instrumentation/metrics/ that counts requests, and the labels of it
// that matter here. A watch is counted when it ends, but the gauge of running requests has it from its beginning.
var (
	answered = regexp.MustCompile(`^apiserver_request_total\{(.*)\} (\S+)$`)
	watching = regexp.MustCompile(`^apiserver_longrunning_requests\{(.*)\} (\S+)$`)
	label    = regexp.MustCompile(`(\w+)="([^"]*)"`)
)

// Read returns how many requests for the resources the server has answered since it started, with the watches that
// still run. It counts those of every client, so name resources that only the client at hand asks for. Lists and watches
// of a whole cluster are left out: the provider never asks for them, and controllers do.
func Read(ctx context.Context, config *rest.Config, resources ...string) (Counts, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(config.Host, "/")+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("reading the API server's metrics: %s", resp.Status)
	}
	return parse(resp.Body, resources)
}

func parse(text io.Reader, resources []string) (Counts, error) {
	counts := Counts{}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := answered.FindStringSubmatch(lines.Text())
		if line == nil {
			line = watching.FindStringSubmatch(lines.Text())
		}
		if line == nil {
			continue
		}
		labels := map[string]string{}
		for _, pair := range label.FindAllStringSubmatch(line[1], -1) {
			labels[pair[1]] = pair[2]
		}
		controllers := labels["scope"] == "cluster" && (labels["verb"] == "LIST" || labels["verb"] == "WATCH")
		if controllers || !slices.Contains(resources, labels["resource"]) {
			continue
		}
		number, err := strconv.ParseFloat(line[2], 64)
		if err != nil {
			return nil, fmt.Errorf("reading the API server's metrics: %q: %w", lines.Text(), err)
		}
		name := labels["verb"] + " " + labels["resource"]
		if labels["subresource"] != "" {
			name += "/" + labels["subresource"]
		}
		counts[name] += int(number)
	}
	return counts, lines.Err()
}

// Since returns what was counted since before, without zeros.
func (c Counts) Since(before Counts) Counts {
	out := Counts{}
	for name, number := range c {
		if more := number - before[name]; more != 0 {
			out[name] = more
		}
	}
	return out
}

// String lists the counts by name.
func (c Counts) String() string {
	parts := make([]string, 0, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%d %s", c[name], name))
	}
	return strings.Join(parts, ", ")
}
