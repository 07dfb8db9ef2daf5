package kube

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Involved picks the objects whose events are wanted: each field that is set
// must be equal.
type Involved struct {
	Kind string    `json:"kind"`
	Name string    `json:"name"`
	UID  types.UID `json:"uid"`
}

func (i Involved) matches(object Involved) bool {
	return (i.Kind == "" || i.Kind == object.Kind) &&
		(i.Name == "" || i.Name == object.Name) &&
		(i.UID == "" || i.UID == object.UID)
}

// Event is a warning about an object
// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
type Event struct {
	Object  Involved
	Reason  string // such as "FailedScheduling"
	Message string
	Count   int       // how often it was seen, at least 1
	Last    time.Time // when it was seen last, by this machine's clock
}

var eventKind = Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "events"}, Kind: "Event"}

// Events returns the warning events of a namespace about objects that match
// one of involved, the newest first. The API server keeps events for an hour
// by default.
func (c *Client) Events(ctx context.Context, namespace string, involved ...Involved) ([]Event, error) {
	items, err := c.list(ctx, eventKind, namespace, metav1.ListOptions{FieldSelector: "type=Warning"})
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, item := range items {
		// Only these fields of the core/v1 Event are of use. Newer reporters
		// fill series and eventTime, older ones count and lastTimestamp.
		var e struct {
			Metadata       metav1.ObjectMeta `json:"metadata"`
			InvolvedObject Involved          `json:"involvedObject"`
			Reason         string            `json:"reason"`
			Message        string            `json:"message"`
			Count          int               `json:"count"`
			EventTime      metav1.MicroTime  `json:"eventTime"`
			FirstTimestamp metav1.Time       `json:"firstTimestamp"`
			LastTimestamp  metav1.Time       `json:"lastTimestamp"`
			Series         struct {
				Count            int              `json:"count"`
				LastObservedTime metav1.MicroTime `json:"lastObservedTime"`
			} `json:"series"`
		}
		if err := json.Unmarshal(item, &e); err != nil {
			return nil, badJSON(err)
		}
		if !slices.ContainsFunc(involved, func(i Involved) bool { return i.matches(e.InvolvedObject) }) {
			continue
		}
		last := e.Metadata.CreationTimestamp.Time
		for _, seen := range []time.Time{e.EventTime.Time, e.FirstTimestamp.Time, e.LastTimestamp.Time, e.Series.LastObservedTime.Time} {
			if seen.After(last) {
				last = seen
			}
		}
		events = append(events, Event{
			Object: e.InvolvedObject, Reason: e.Reason, Message: e.Message,
			Count: max(1, e.Count, e.Series.Count), Last: c.clock.here(last),
		})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return b.Last.Compare(a.Last) })
	return events, nil
}
