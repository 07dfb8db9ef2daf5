package operator

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// shop is an environment with settings, in a namespace that others made.
var shop = platform.Environment{Namespace: "prod", Name: "shop", Settings: `{"environment":"shop"}`}

func TestSettingsAreFoundByTheName(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	made, err := e.Apply(t.Context(), shop, nil)
	if err != nil || made.Unkept != nil || made.Settings == nil || *made.Settings != shop.Settings {
		t.Fatalf("made %+v, %v", made, err)
	}
	want := &platform.FoundEnvironment{Name: "shop", Namespace: "prod", Settings: shop.Settings, Access: &platform.Access{}}
	for _, namespace := range []string{"prod", ""} {
		found, err := e.Find(t.Context(), "shop", namespace)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("in namespace %q (-want +got):\n%s", namespace, diff)
		}
	}
	var missing *platform.NoEnvironmentError
	if _, err := e.Find(t.Context(), "shop", "other"); !errors.As(err, &missing) {
		t.Errorf("in another namespace: %v", err)
	}
	if _, err := e.Find(t.Context(), "other", ""); !errors.As(err, &missing) || len(missing.Looked) != 2 {
		t.Errorf("another name: %v", err)
	}

	second := shop
	second.Namespace = "shop"
	if _, _, err := e.keepSettings(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if found, err := e.Find(t.Context(), "shop", ""); err != nil || found.Namespace != "shop" {
		t.Errorf("the namespace of the name goes first: %+v, %v", found, err)
	}
	second.Namespace = "third"
	if _, _, err := e.keepSettings(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(t.Context(), configMapKind, settingsKey("shop", "shop"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Find(t.Context(), "shop", ""); !errors.As(err, &missing) || strings.Join(missing.Namespaces, " ") != "prod third" {
		t.Errorf("two of one name: %v", err)
	}
}

func TestAnImportFindsTheEnvironmentOfANamespace(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	var missing *platform.NoEnvironmentError
	if _, err := e.Find(t.Context(), "", "prod"); !errors.As(err, &missing) || !strings.Contains(err.Error(), "no ConfigMap of namespace prod has the label flink-terraform.io/environment") {
		t.Errorf("in an empty namespace: %v", err)
	}
	own := shop
	own.ServiceAccount, own.Labels = "flink", map[string]string{"team": "a"}
	if _, err := e.Apply(t.Context(), own, nil); err != nil {
		t.Fatal(err)
	}
	found, err := e.Find(t.Context(), "", "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := &platform.FoundEnvironment{
		Name: "shop", Namespace: "prod", Settings: shop.Settings,
		Access: &platform.Access{ServiceAccount: "flink", Labels: map[string]string{"team": "a"}},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("the only one (-want +got):\n%s", diff)
	}
	second := platform.Environment{Namespace: "prod", Name: "books"}
	if _, _, err := e.keepSettings(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Find(t.Context(), "", "prod"); !errors.As(err, &missing) || err.Error() != "the namespace has the environments books, shop" {
		t.Errorf("two of them: %v", err)
	}
	second.Name = "prod"
	if _, _, err := e.keepSettings(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if found, err := e.Find(t.Context(), "", "prod"); err != nil || found.Name != "prod" {
		t.Errorf("the name of the namespace goes first: %+v, %v", found, err)
	}
	// A version that did not record it.
	kept := f.objects[kube.Ref{Kind: configMapKind, Key: settingsKey("prod", "prod")}]
	unstructured.RemoveNestedField(kept.Object, "data", accessEntry)
	if found, err := e.Find(t.Context(), "", "prod"); err != nil || found.Access != nil {
		t.Errorf("without the record: %+v, %v", found, err)
	}
}

func TestAnyNameCanBeKept(t *testing.T) {
	for _, name := range []string{"Payments EU", strings.Repeat("long", 40), "-", "ümlaut", "a.b"} {
		f := withNamespace(t)
		e := NewEnvironments(f, Options{})
		want := shop
		want.Name = name
		if _, err := e.Apply(t.Context(), want, nil); err != nil {
			t.Fatal(err)
		}
		found, err := e.Find(t.Context(), name, "")
		if err != nil || found.Name != name {
			t.Errorf("%q: found %+v, %v", name, found, err)
		}
	}
}

func TestSettingsThatMayNotBeKeptAreNoFailure(t *testing.T) {
	denied := &kube.DeniedError{Verb: "patch", Resource: "configmaps"}
	f := withNamespace(t)
	f.fail = func(call string) error {
		if strings.Contains(call, "ConfigMap") {
			return denied
		}
		return nil
	}
	e := NewEnvironments(f, Options{})
	want := shop
	want.ServiceAccount = "flink"
	made, err := e.Apply(t.Context(), want, nil)
	if err != nil || !errors.Is(made.Unkept, denied) {
		t.Fatalf("made %+v, %v", made, err)
	}
	if read, err := e.Read(t.Context(), want); err != nil || read.Settings != nil || len(read.Missing) > 0 {
		t.Errorf("read %+v, %v", read, err)
	}
	if err := e.Delete(t.Context(), want); err != nil {
		t.Error(err)
	}
	var missing *platform.NoEnvironmentError
	if _, err := e.Find(t.Context(), "shop", ""); !errors.As(err, &missing) || len(missing.Looked) != 2 {
		t.Errorf("looked for without rights: %v", err)
	}
	if _, err := e.Find(t.Context(), "shop", "prod"); !errors.Is(err, denied) {
		t.Errorf("looked for in a namespace without rights: %v", err)
	}

	f.fail, f.calls = nil, nil
	want.Settings = strings.Repeat("x", largestSettings+1)
	if made, err := e.Apply(t.Context(), want, &want); err != nil || made.Unkept == nil || f.count("apply ConfigMap") != 0 {
		t.Errorf("too large: %+v, %v, %v", made, err, f.calls)
	}
}

func TestReadTellsWhatSettingsAreKept(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	kept := func() string {
		t.Helper()
		read, err := e.Read(t.Context(), shop)
		if err != nil || read.Settings == nil {
			t.Fatalf("read %+v, %v", read, err)
		}
		return *read.Settings
	}
	if got := kept(); got != "" {
		t.Errorf("before there is an environment, %q is kept", got)
	}
	if _, err := e.Apply(t.Context(), shop, nil); err != nil {
		t.Fatal(err)
	}
	if got := kept(); got != shop.Settings {
		t.Errorf("%q is kept", got)
	}
	if _, err := f.MergePatch(t.Context(), configMapKind, settingsKey("shop", "prod"), kube.Patch{}.Set("{}", "data", "settings")); err != nil {
		t.Fatal(err)
	}
	if got := kept(); got != "{}" {
		t.Errorf("%q is kept after an edit", got)
	}
	if _, err := e.Apply(t.Context(), shop, &shop); err != nil {
		t.Fatal(err)
	}
	if got := kept(); got != shop.Settings {
		t.Errorf("%q is kept after the repair", got)
	}
}

func TestASecondEnvironmentOfTheNameIsRefused(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	if _, err := e.Apply(t.Context(), shop, nil); err != nil {
		t.Fatal(err)
	}
	other := shop
	other.Settings, other.ServiceAccount = `{"environment":"shop","deployment_defaults":{}}`, "flink"
	f.calls = nil
	var exists *kube.ExistsError
	if _, err := e.Apply(t.Context(), other, nil); !errors.As(err, &exists) || f.count("apply") != 0 {
		t.Errorf("returned %v after %v", err, f.calls)
	}
}

// A create that was killed is continued, also with other settings, and ends with
// no mark left.
func TestAKilledCreateOfAnEnvironmentIsContinuedWithOtherSettings(t *testing.T) {
	for name, test := range map[string]struct {
		own  bool
		last string
	}{
		"in a namespace of its own": {true, "patch Namespace"},
		"in a namespace of others":  {false, "apply ServiceAccount"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := withNamespace(t)
				if test.own {
					f = newFake(t)
				}
				dead := false
				f.fail = func(call string) error {
					if dead = dead || strings.HasPrefix(call, test.last); dead {
						return errors.New("killed")
					}
					return nil
				}
				want := shop
				want.CreateNamespace, want.ServiceAccount = test.own, "flink"
				if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), want, nil); err == nil {
					t.Fatal("was not killed")
				}
				f.fail = nil
				f.killed()
				want.Settings = `{"environment":"shop","deployment_defaults":{}}`
				made, err := NewEnvironments(f, Options{}).Apply(t.Context(), want, nil)
				if err != nil || *made.Settings != want.Settings {
					t.Fatalf("returned %+v, %v", made, err)
				}
				for ref, object := range f.objects {
					for _, mark := range unfinishedMarks {
						if value, ok := object.GetAnnotations()[mark]; ok {
							t.Errorf("%s has the annotation %s %q", ref, mark, value)
						}
					}
				}
				var exists *kube.ExistsError
				if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), want, nil); !errors.As(err, &exists) {
					t.Errorf("a create over one that ended returned %v", err)
				}
			})
		})
	}
}

func TestSettingsGoWithTheEnvironment(t *testing.T) {
	f := withNamespace(t)
	e := NewEnvironments(f, Options{})
	if _, err := e.Apply(t.Context(), shop, nil); err != nil {
		t.Fatal(err)
	}
	renamed := shop
	renamed.Name = "store"
	if _, err := e.Apply(t.Context(), renamed, &shop); err != nil {
		t.Fatal(err)
	}
	var missing *platform.NoEnvironmentError
	if _, err := e.Find(t.Context(), "shop", "prod"); !errors.As(err, &missing) {
		t.Errorf("the former name is still found: %v", err)
	}
	if err := e.Delete(t.Context(), renamed); err != nil {
		t.Fatal(err)
	}
	if len(f.objects) != 1 {
		t.Errorf("%d objects are left, want the namespace alone", len(f.objects))
	}
	t.Run("unless they are of others", func(t *testing.T) {
		f := withNamespace(t)
		theirs, err := settingsOf(shop)
		if err != nil {
			t.Fatal(err)
		}
		f.put(configMapKind, theirs)
		if err := NewEnvironments(f, Options{}).Delete(t.Context(), shop); err != nil {
			t.Fatal(err)
		}
		if len(f.objects) != 2 {
			t.Error("a ConfigMap of others was deleted")
		}
	})
}
