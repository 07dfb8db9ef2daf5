package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"
)

// pageSize is the number of objects asked for at once, as kubectl does.
const pageSize = 500

// Get reads one object from the API server itself, with a single request.
func (c *Client) Get(ctx context.Context, kind Kind, key Key) (*unstructured.Unstructured, error) {
	return c.get(ctx, kind, key, false)
}

func (c *Client) get(ctx context.Context, kind Kind, key Key, awaitKind bool) (*unstructured.Unstructured, error) {
	var obj *unstructured.Unstructured
	op := operation{verb: "get", ref: Ref{kind, key}, awaitKind: awaitKind}
	err := c.do(ctx, op, func(ctx context.Context) (err error) {
		obj, err = c.object(ctx, c.rest.Get().AbsPath(path(kind, key)...))
		return err
	})
	return obj, err
}

// List reads all objects of a kind in a namespace that a label selector picks,
// or in all namespaces when it is empty, page by page.
func (c *Client) List(ctx context.Context, kind Kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	items, err := c.list(ctx, kind, namespace, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	objects := make([]unstructured.Unstructured, len(items))
	for i, item := range items {
		obj, err := decode(kind, item)
		if err != nil {
			return nil, err
		}
		objects[i] = *obj
	}
	return objects, nil
}

// list returns the objects as the server sent them. A list that takes so long
// that the server has forgotten its snapshot (410) starts again in one piece.
func (c *Client) list(ctx context.Context, kind Kind, namespace string, options metav1.ListOptions) ([]json.RawMessage, error) {
	items, err := c.listPages(ctx, kind, namespace, options, pageSize)
	if server, ok := errors.AsType[*ServerError](err); ok && server.Code == http.StatusGone {
		items, err = c.listPages(ctx, kind, namespace, options, 0)
	}
	return items, err
}

func (c *Client) listPages(ctx context.Context, kind Kind, namespace string, options metav1.ListOptions, limit int) ([]json.RawMessage, error) {
	var items []json.RawMessage
	op := operation{verb: "list", ref: Ref{kind, Key{Namespace: namespace}}}
	for more := ""; ; {
		var page struct {
			Metadata metav1.ListMeta   `json:"metadata"`
			Items    []json.RawMessage `json:"items"`
		}
		err := c.do(ctx, op, func(ctx context.Context) error {
			request := c.rest.Get().AbsPath(path(kind, Key{Namespace: namespace})...).MaxRetries(0)
			for name, value := range map[string]string{
				"limit": positive(limit), "continue": more, "labelSelector": options.LabelSelector, "fieldSelector": options.FieldSelector,
			} {
				if value != "" {
					request = request.Param(name, value)
				}
			}
			body, err := answer(request.Do(ctx))
			if err != nil {
				return err
			}
			page.Items = nil
			return badJSON(json.Unmarshal(body, &page))
		})
		if err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if more = page.Metadata.Continue; more == "" {
			return items, nil
		}
	}
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// path is the API path of an object, or of all when the key has no name.
func path(kind Kind, key Key) []string {
	var segments []string
	if kind.Group == "" {
		segments = append(segments, "api", kind.Version)
	} else {
		segments = append(segments, "apis", kind.Group, kind.Version)
	}
	if key.Namespace != "" {
		segments = append(segments, "namespaces", key.Namespace)
	}
	segments = append(segments, kind.Resource)
	if key.Name != "" {
		segments = append(segments, key.Name)
	}
	return segments
}

// object sends a request whose answer is one object. client-go's own retries
// are off, because they know no bound but a count.
func (c *Client) object(ctx context.Context, request *rest.Request) (*unstructured.Unstructured, error) {
	body, err := answer(request.MaxRetries(0).Do(ctx))
	if err != nil {
		return nil, err
	}
	obj := &unstructured.Unstructured{}
	if err := obj.UnmarshalJSON(body); err != nil {
		return nil, badJSON(err)
	}
	return obj, nil
}

// answer returns the body, or the error with the Status that the server sent.
func answer(result rest.Result) ([]byte, error) {
	if err := result.Error(); err != nil {
		return nil, err
	}
	return result.Raw()
}

// badJSON is the error for an answer that is no Kubernetes object, as a login
// page of a proxy is not.
func badJSON(err error) error {
	if err == nil {
		return nil
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Code: http.StatusOK, Reason: "UnexpectedContent",
		Message: fmt.Sprintf("the body is not what a Kubernetes API server sends: %s", err),
	}}
}

// decode makes an object of an item of a list. Items of built-in kinds do not
// carry their type.
func decode(kind Kind, item json.RawMessage) (*unstructured.Unstructured, error) {
	obj := &unstructured.Unstructured{}
	// Whole numbers become int64, as everywhere with unstructured objects.
	if err := utiljson.Unmarshal(item, &obj.Object); err != nil {
		return nil, &ServerError{Ref: Ref{Kind: kind}, Verb: "list", Code: http.StatusOK, Reason: "UnexpectedContent", Message: err.Error()}
	}
	obj.SetAPIVersion(kind.apiVersion())
	obj.SetKind(kind.Kind)
	return obj, nil
}
