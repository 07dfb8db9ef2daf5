package ververica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// creations is how often a create is tried whose outcome is not known.
const creations = 4

// create creates an object that only stays, and refuses with *platform.ExistsError what is
// there already. The create has a mark, so that an object that is there after an answer
// was lost is known to be of it. hide is rest.Request.Hide.
func (c *Client) create(ctx context.Context, of key, sent object, hide func(string) string) (object, error) {
	sent = maps.Clone(sent)
	metadata, _ := sent["metadata"].(object)
	metadata = maps.Clone(metadata)
	mark := written.Marked(texts(sent, "metadata", "annotations"))
	metadata["annotations"] = mark
	sent["metadata"] = metadata
	defer c.written.Write(of)()
	for try := 1; ; try++ {
		var created object
		err := c.do(ctx, of.namespace, rest.Request{Method: http.MethodPost, Path: at(of.namespace, of.collection), Body: sent, Hide: hide}, &created)
		if err == nil && created != nil {
			return created, nil
		}
		_, unknown := errors.AsType[*rest.UnknownOutcomeError](err)
		switch code := rest.Code(err); {
		case err == nil, unknown, code == http.StatusConflict:
		case code == http.StatusNotFound:
			return nil, c.noNamespace(ctx, of.namespace, err)
		default:
			return nil, err
		}
		found, lookup := c.get(ctx, of.namespace, of.collection, of.name)
		switch {
		case lookup == nil && written.SameMark(texts(found, "metadata", "annotations"), mark):
			return found, nil
		case lookup == nil:
			return nil, exists(of, found)
		case !isAbsent(lookup), err == nil:
			return nil, lookup
		case !unknown || try == creations:
			return nil, err
		}
	}
}

// exists refuses an object that is there already.
func exists(of key, found object) error {
	ours := false
	for annotation := range texts(found, "metadata", "annotations") {
		ours = ours || strings.HasPrefix(annotation, annotationPrefix)
	}
	return &platform.ExistsError{Err: fmt.Errorf("%s %s exists already in namespace %s", kinds[of.collection], of.name, of.namespace), Ours: ours}
}

// noNamespace says, of a write into a namespace, that there is none.
func (c *Client) noNamespace(ctx context.Context, name string, refused error) error {
	missing := &platform.NotFoundError{Kind: namespaceKind, Ref: platform.Ref{Name: name}}
	if err := c.absent(ctx, c.in(name), missing, refused); !errors.Is(err, missing) {
		return err
	}
	return &platform.ExplainedError{
		Cause: fmt.Sprintf("the namespace %s does not exist", name), Err: refused,
		Remedy: "Create it first, as a flink_environment does without ververica.create_namespace = false, or correct its name.",
	}
}

// unmarked returns annotations that have no mark of a create any more.
func unmarked(annotations object) object {
	out := maps.Clone(annotations)
	delete(out, written.MarkAnnotation)
	return out
}

// treeOf returns texts as a part of an object; an empty one for none.
func treeOf(values map[string]string) object {
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out[name] = values[name]
	}
	return out
}
