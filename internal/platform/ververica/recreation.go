package ververica

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file has where the state of a job is while its deployment is deleted to be created
// again: with the deployment everything goes that could tell, so a deployment target has it.

// recreationPrefix begins the annotations of a deployment target that have a recreation; the
// name of the deployment ends them.
const recreationPrefix = annotationPrefix + "recreation."

// recreation is what a new deployment has to know of the old one.
type recreation struct {
	// Path is where the state is, and Since when it was noted, in RFC 3339.
	Path  string `json:"path"`
	Since string `json:"since"`
}

// noteRecreation notes where the state of a deployment is before that is deleted.
func (c *Client) noteRecreation(ctx context.Context, ref platform.Ref, target, path string) error {
	text, err := json.Marshal(recreation{path, time.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	if err := c.annotateTarget(ctx, ref.Namespace, target, recreationPrefix+ref.Name, string(text)); err != nil {
		return fmt.Errorf("nothing was deleted: where the state of %s is cannot be noted: %w", ref, err)
	}
	return nil
}

// recreationOf returns what was noted of a deployment, and at which deployment target; nil for
// nothing.
func (c *Client) recreationOf(ctx context.Context, ref platform.Ref) (*platform.Resumed, string, error) {
	all, err := c.list(ctx, ref.Namespace, targets)
	if err != nil {
		return nil, "", err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		target, err := c.read(ctx, ref.Namespace, targets, name)
		if isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		var noted recreation
		text := texts(target, "metadata", "annotations")[recreationPrefix+ref.Name]
		if text == "" || json.Unmarshal([]byte(text), &noted) != nil || noted.Path == "" {
			continue
		}
		since, _ := time.Parse(time.RFC3339, noted.Since)
		return &platform.Resumed{Path: noted.Path, Place: "an annotation of deployment target " + name, Since: since}, name, nil
	}
	return nil, "", nil
}

// forgetRecreation takes a note away, now that the job has started from the path; empty for any.
func (c *Client) forgetRecreation(ctx context.Context, ref platform.Ref, path string) {
	noted, target, err := c.recreationOf(ctx, ref)
	if err == nil && noted != nil && (path == "" || noted.Path == path) {
		err = c.annotateTarget(ctx, ref.Namespace, target, recreationPrefix+ref.Name, "")
	}
	if err != nil {
		logctx.From(ctx).WarnContext(ctx, "A note about the state of a deployment stays", "deployment", ref.String(), "target", target, "error", err.Error())
	}
}

// annotateTarget writes an annotation of a deployment target, or takes it away where the text
// is empty.
func (c *Client) annotateTarget(ctx context.Context, namespace, name, annotation, value string) error {
	c.notes.Lock()
	defer c.notes.Unlock()
	for try := 1; ; try++ {
		live, err := c.get(ctx, namespace, targets, name)
		if err != nil || text(live, "metadata", "annotations", annotation) == value {
			return err
		}
		if try > retries {
			return fmt.Errorf("others write deployment target %s at the same time, again and again", name)
		}
		next := copied(live)
		note(next, annotation, value)
		if err := c.writeNote(ctx, namespace, name, next); err != nil && rest.Code(err) != http.StatusConflict {
			return err
		}
	}
}

// writeNote replaces a deployment target. Another client may do so at the same time, so its caller
// looks at what has become of it.
func (c *Client) writeNote(ctx context.Context, namespace, name string, next object) error {
	defer c.writes(namespace, targets, name)()
	return c.do(ctx, namespace, rest.Request{Method: http.MethodPut, Path: at(namespace, targets, name), Body: next}, nil)
}
