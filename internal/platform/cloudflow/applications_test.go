package cloudflow

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// busy is a store with one application, which somebody else writes before each write that it gets, some times.
type busy struct {
	operator.Store

	mutex  sync.Mutex
	live   *unstructured.Unstructured
	others int
	writes int
	denied bool
	spoken []unstructured.Unstructured
}

func (b *busy) Identity() string { return "busy" }

func (b *busy) Get(_ context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.live == nil {
		return nil, &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
	}
	return b.live.DeepCopy(), nil
}

func (b *busy) List(_ context.Context, kind kube.Kind, namespace, _ string) ([]unstructured.Unstructured, error) {
	if b.denied {
		return nil, &kube.DeniedError{Ref: kube.Ref{Kind: kind, Key: kube.Key{Namespace: namespace}}, Verb: "list", Resource: "secrets"}
	}
	return b.spoken, nil
}

func (b *busy) MergePatch(_ context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.writes++
	if b.others > 0 {
		b.others--
		b.live.SetResourceVersion(b.live.GetResourceVersion() + "x")
		core.Put(specOf(b.live), core.Entry{App: "payments", Streamlet: "theirs", Runtime: "spark", Image: b.live.GetResourceVersion()})
		return nil, &kube.ServerError{Ref: kube.Ref{Kind: kind, Key: key}, Verb: "patch", Code: http.StatusConflict}
	}
	spec, _ := patch["spec"].(map[string]any)
	for field, value := range spec {
		specOf(b.live)[field] = value
	}
	return b.live.DeepCopy(), nil
}

// application is an application without streamlets.
func application() *unstructured.Unstructured {
	live := objectOf(kube.Key{Namespace: "shop", Name: "payments"}, core.NewSpec("payments"))
	live.SetUID(types.UID("u"))
	live.SetResourceVersion("1")
	return live
}

// Writes of others between the look and the write keep what they have written.
func TestEditKeepsWhatOthersWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &busy{live: application(), others: 3}
		a := applications{store}
		mine := core.Entry{App: "payments", Streamlet: "mine", Runtime: core.RuntimeAkka, Image: "i:1"}
		now, before, err := a.edit(t.Context(), "shop", "payments", func(spec map[string]any) { core.Put(spec, mine) })
		if err != nil {
			t.Fatal(err)
		}
		theirs, has := core.Find(specOf(now), "theirs")
		if _, own := core.Find(specOf(now), "mine"); !own || !has || theirs["image"] != "1xxx" {
			t.Errorf("the entries are %v", specOf(now)["deployments"])
		}
		if _, has := core.Find(before, "theirs"); !has {
			t.Error("what was before is older than what was written over")
		}
		store.writes = 0
		if _, _, err := a.edit(t.Context(), "shop", "payments", func(spec map[string]any) { core.Put(spec, mine) }); err != nil || store.writes > 0 {
			t.Errorf("what is there already was written %d times, %v", store.writes, err)
		}
	})
}

func TestEditEndsAgainstWhoeverWritesForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &busy{live: application(), others: 1 << 20}
		_, _, err := applications{store}.edit(t.Context(), "shop", "payments", func(spec map[string]any) { core.Put(spec, core.Entry{App: "payments", Streamlet: "mine"}) })
		if server := (*kube.ServerError)(nil); !errors.As(err, &server) || store.writes != mostTries {
			t.Errorf("after %d writes: %v", store.writes, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		store.writes = 0
		if _, _, err = (applications{store}).edit(ctx, "shop", "payments", func(spec map[string]any) { core.Put(spec, core.Entry{App: "payments", Streamlet: "mine"}) }); !errors.Is(err, context.Canceled) || store.writes > 1 {
			t.Errorf("cancelled, after %d writes: %v", store.writes, err)
		}
	})
}

func TestProtocols(t *testing.T) {
	t.Parallel()
	speaking := func(version string) []unstructured.Unstructured {
		return []unstructured.Unstructured{*plainSecret("ops", core.ProtocolLabel, map[string]string{core.ProtocolKey: version})}
	}
	for name, test := range map[string]struct {
		store  *busy
		refuse bool
	}{
		"the same":                   {&busy{spoken: speaking("7")}, false},
		"another":                    {&busy{spoken: speaking("6")}, true},
		"no operator":                {&busy{}, true},
		"nobody may look":            {&busy{denied: true}, false},
		"two, one of them is behind": {&busy{spoken: append(speaking("7"), speaking("6")...)}, true},
	} {
		err := applications{test.store}.speaks(t.Context(), "ops "+name)
		var told *platform.ExplainedError
		if errors.As(err, &told) != test.refuse || !test.refuse && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
