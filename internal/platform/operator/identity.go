package operator

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file tells whether an object is the one that a change is meant for. A
// plan may be older than the object of its name.

// isSame tells whether an object is the one with the uid, or was created in its
// place. An empty uid is any object.
func isSame(object *unstructured.Unstructured, uid string) bool {
	return uid == "" || slices.Contains(identities(object), uid)
}

// identities are the uid of an object and those of the objects in whose place it
// was created.
func identities(object *unstructured.Unstructured) []string {
	return append(strings.Fields(object.GetAnnotations()[replacesAnnotation]), string(object.GetUID()))
}

// checkSame refuses an object that is not the one with the uid.
func checkSame(kind kube.Kind, ref platform.Ref, object *unstructured.Unstructured, uid string) error {
	if isSame(object, uid) {
		return nil
	}
	return &platform.OtherObjectError{
		Kind: kind.Kind, Ref: ref, UID: string(object.GetUID()), Planned: uid,
		Created: object.GetCreationTimestamp().UTC().Format(time.RFC3339),
	}
}

// checkSame refuses a deployment that is not the one with the uid. Of two colors
// either may be: a switch that was killed may have made the other one active.
func (l *located) checkSame(whole platform.Ref, uid string) error {
	for _, object := range l.colors {
		if isSame(object, uid) {
			return nil
		}
	}
	return checkSame(l.kind(), whole, l.identity(), uid)
}
