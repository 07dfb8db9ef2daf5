package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// attachedError says that the server refuses to detach a completed savepoint: its name
// may be taken by another one that is detached, or it is pinned.
type attachedError struct {
	// environment, application and name say which one it is.
	environment, application, name string
	pinned                         bool
	err                            error
}

func (e *attachedError) Error() string {
	which := "savepoint"
	if e.pinned {
		which = "pinned savepoint"
	}
	return fmt.Sprintf("the server does not detach the %s %s of %s %s/%s: %s", which, e.name, applicationKind, e.environment, e.application, e.err)
}

func (e *attachedError) Unwrap() error { return e.err }

// command is one of the vendor's command line tool about the savepoint.
func (e *attachedError) command(verb string) string {
	return fmt.Sprintf("confluent flink savepoint %s %s --environment %s --application %s", verb, e.name, e.environment, e.application)
}

// detach makes a completed savepoint one that belongs to no application.
func (a *applications) detach(ctx context.Context, environment, application, name string, pinned bool) error {
	path := append(a.savepointsOf(environment, application).path(platform.Ref{Name: name}), "detach")
	_, err := a.client.rest.Do(ctx, rest.Request{Method: http.MethodPost, Path: path})
	if code := rest.Code(err); code != http.StatusConflict && code != http.StatusUnprocessableEntity {
		return err
	}
	refused := &attachedError{environment, application, name, pinned, err}
	return &platform.ExplainedError{
		Cause: "the server does not detach it", Err: refused,
		Remedy: "It is completed, and stays below its application. Apply again when the cause is gone, or detach it yourself:\n\n  " + refused.command("detach"),
	}
}

// detachAll detaches the completed savepoints of an application that is to be deleted.
// Where one stays, so has the application to: what becomes of the files of its
// savepoints is not documented, and nobody may have them elsewhere. A pin is left to
// whoever has set it.
func (a *applications) detachAll(ctx context.Context, key kube.Key) error {
	all, err := a.client.pages(ctx, a.savepointsOf(key.Namespace, key.Name).in(""), nil)
	if rest.Code(err) == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	var staying []*attachedError
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var is savepoint
		if err := json.Unmarshal(all[name], &is); err != nil {
			return fmt.Errorf("read the savepoint %s of %s %s: %w", name, applicationKind, key, err)
		}
		if is.Status.State != completed {
			continue
		}
		err := a.detach(ctx, key.Namespace, key.Name, name, is.Spec.pinned())
		if refused, ok := errors.AsType[*attachedError](err); ok {
			staying = append(staying, refused)
		} else if err != nil && rest.Code(err) != http.StatusNotFound {
			return err
		}
	}
	if len(staying) == 0 {
		return nil
	}
	return keepsApplication(staying)
}

// keepsApplication says that an application is not deleted because of some savepoints.
func keepsApplication(staying []*attachedError) error {
	var told []error
	var detach, drop []string
	pinned := ""
	for _, s := range staying {
		told = append(told, s)
		detach, drop = append(detach, "      "+s.command("detach")), append(drop, "      "+s.command("delete"))
		if s.pinned {
			pinned = "  - unpin what is pinned: pinned = false on its flink_savepoint, applied first\n"
		}
	}
	return &platform.ExplainedError{
		Cause: "a savepoint would go with its application", Err: errors.Join(told...),
		Remedy: "The application was not deleted: what becomes of the files of its savepoints then is not documented. Apply again after one of these:\n" + pinned +
			"  - to keep the savepoint, detach it, after another one of its name that is detached was deleted:\n" + strings.Join(detach, "\n") + "\n" +
			"  - when nobody needs it, delete it:\n" + strings.Join(drop, "\n"),
	}
}
