package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest/apimetrics"
)

// figure is one line of the report.
type figure struct {
	name string
	// cost and floor are those of the deployments and of terraform_data; for what is not compared there is value.
	cost, floor usage
	value       string
	ratio       float64
	// limit is empty for a figure without one.
	limit    string
	requests apimetrics.Counts
	// unknown tells that this system cannot measure the figure.
	unknown bool
}

// report is the table that the program prints.
type report struct{ figures []figure }

func (r *report) add(f figure) { r.figures = append(r.figures, f) }

// compared is the figure of a pair: medians, and the median of the ratios of what ran one after the other.
func compared(name string, p pair) figure {
	ratios := make([]float64, len(p.flink))
	for i := range p.flink {
		ratios[i] = float64(p.flink[i].cpu) / float64(p.floor[i].cpu)
	}
	middle := func(samples []usage) usage {
		return usage{
			cpu:  median(samples, func(u usage) time.Duration { return u.cpu }),
			wall: median(samples, func(u usage) time.Duration { return u.wall }),
		}
	}
	return figure{
		name: name, cost: middle(p.flink), floor: middle(p.floor),
		ratio: median(ratios, func(ratio float64) float64 { return ratio }),
	}
}

// atMost says a limit, and whether the value is over it.
func atMost(value, limit float64) string {
	text := fmt.Sprintf("<= %.1f", limit)
	if value > limit {
		text += "  over"
	}
	return text
}

// below says a limit that must not be reached.
func below[V cmp.Ordered](value, limit V, text string) string {
	text = "< " + text
	if value >= limit {
		text += "  over"
	}
	return text
}

func (r *report) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) { fmt.Fprintf(table, format+"\n", args...) }
	row("figure\tCPU\telapsed\tterraform_data: CPU\telapsed\tratio\tlimit\trequests to the API server, or to the platform's")
	for _, f := range r.figures {
		switch {
		case f.unknown:
			row("%s\tnot measurable here\t\t\t\t\t\t", f.name)
		case f.value != "":
			row("%s\t%s\t\t\t\t\t%s\t", f.name, f.value, f.limit)
		case f.cost.cpu == 0:
			row("%s\t\t\t\t\t%.2f\t%s\t", f.name, f.ratio, f.limit)
		default:
			row("%s\t%s\t%s\t%s\t%s\t%.2f\t%s\t%s", f.name, seconds(f.cost.cpu), seconds(f.cost.wall),
				seconds(f.floor.cpu), seconds(f.floor.wall), f.ratio, f.limit, f.requests)
		}
	}
	return table.Flush()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// thousands writes a number below a million with a comma.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
