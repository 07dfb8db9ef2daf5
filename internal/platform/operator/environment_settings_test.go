package operator

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	want := &platform.FoundEnvironment{Name: "shop", Namespace: "prod", Settings: shop.Settings}
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
	if _, err := f.MergePatch(t.Context(), configMapKind, settingsKey("shop", "prod"), []byte(`{"data":{"settings":"{}"}}`)); err != nil {
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
	if _, err := e.Apply(t.Context(), shop, nil); err != nil {
		t.Errorf("a create that was interrupted is not continued: %v", err)
	}
	other := shop
	other.Settings, other.ServiceAccount = `{"environment":"shop","deployment_defaults":{}}`, "flink"
	f.calls = nil
	var exists *kube.ExistsError
	if _, err := e.Apply(t.Context(), other, nil); !errors.As(err, &exists) || f.count("apply") != 0 {
		t.Errorf("returned %v after %v", err, f.calls)
	}
	t.Run("but not in a namespace of its own", func(t *testing.T) {
		f := newFake(t)
		f.fail = func(call string) error {
			if strings.HasPrefix(call, "patch Namespace") {
				return errors.New("killed")
			}
			return nil
		}
		own := shop
		own.CreateNamespace = true
		if _, err := NewEnvironments(f, Options{}).Apply(t.Context(), own, nil); err == nil {
			t.Fatal("was not killed")
		}
		f.fail = nil
		own.Settings = other.Settings
		if made, err := NewEnvironments(f, Options{}).Apply(t.Context(), own, nil); err != nil || *made.Settings != own.Settings {
			t.Errorf("a create that was interrupted is not continued with other settings: %+v, %v", made, err)
		}
	})
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
		theirs := settingsOf(shop)
		f.put(configMapKind, theirs)
		if err := NewEnvironments(f, Options{}).Delete(t.Context(), shop); err != nil {
			t.Fatal(err)
		}
		if len(f.objects) != 2 {
			t.Error("a ConfigMap of others was deleted")
		}
	})
}
