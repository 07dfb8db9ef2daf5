package confluent

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// eventRoot is where the events are below the endpoint; their API is an alpha one.
var eventRoot = []string{"cmf", "api", "v1alpha1"}

// Events implements operator.Store: of the applications among what is involved, the
// events that tell of a failure, the newest first. Others have no reason.
func (a *applications) Events(ctx context.Context, environment string, involved ...kube.Involved) ([]kube.Event, error) {
	var events []kube.Event
	for _, of := range involved {
		if of.Kind != applicationKind || of.Name == "" {
			continue
		}
		path := append(slices.Clone(eventRoot), "environments", environment, "applications", of.Name, "events")
		items, err := a.client.pages(ctx, path, nil)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if event, ok := eventOf(item, of); ok {
				events = append(events, event)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b kube.Event) int { return b.Last.Compare(a.Last) })
	return events, nil
}

// eventOf reads an event; ok is false for one that tells of no failure.
func eventOf(item json.RawMessage, of kube.Involved) (event kube.Event, ok bool) {
	var told struct {
		Metadata struct {
			// Older servers tell no zone.
			Created string `json:"creationTimestamp"`
		} `json:"metadata"`
		Status struct {
			Type  string `json:"type"`
			Count int    `json:"count"`
			Data  struct {
				Exception string `json:"exceptionString"`
				// Since 2.4.
				Reason  string `json:"reason"`
				Message string `json:"message"`
			} `json:"data"`
		} `json:"status"`
	}
	if err := json.Unmarshal(item, &told); err != nil {
		return event, false
	}
	data := told.Status.Data
	message, reason := cmp.Or(data.Exception, data.Message), cmp.Or(data.Reason, told.Status.Type)
	if data.Exception != "" {
		// The operator's own word for it.
		reason = "JobException"
	}
	if message == "" {
		return event, false
	}
	return kube.Event{Object: of, Reason: reason, Message: message, Count: max(1, told.Status.Count), Last: timeOf(told.Metadata.Created)}, true
}

// timeOf reads a time of the server's, in UTC where it has no zone; zero for one that
// cannot be read.
func timeOf(text string) time.Time {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(form, text); err == nil {
			return at
		}
	}
	return time.Time{}
}
