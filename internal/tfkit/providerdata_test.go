package tfkit

import (
	"context"
	"errors"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestAPlatformIsFoundByItsName(t *testing.T) {
	away := errors.New("away")
	data := &ProviderData{Platforms: map[string]platform.Connect{
		"here":  func(context.Context) (platform.Platform, error) { return nil, nil },
		"there": func(context.Context) (platform.Platform, error) { return nil, away },
	}}
	if _, err := data.Platform(t.Context(), "here"); err != nil {
		t.Error(err)
	}
	if _, err := data.Platform(t.Context(), "there"); !errors.Is(err, away) {
		t.Errorf("the error is %v", err)
	}
	if _, err := data.Platform(t.Context(), "nowhere"); err == nil {
		t.Error("a platform that nobody has configured has no connection")
	}
}

func TestConfigured(t *testing.T) {
	data := &ProviderData{}
	if got, diags := Configured(data); got != data || diags.HasError() {
		t.Errorf("got %v, %v", got, diags)
	}
	if got, diags := Configured(nil); got != nil || diags.HasError() {
		t.Errorf("before the provider is configured: %v, %v", got, diags)
	}
	if _, diags := Configured("data"); !diags.HasError() {
		t.Error("another type must be an error")
	}
}

func TestNativeOnly(t *testing.T) {
	data := &ProviderData{}
	data.NoteNativeOnly("deployment", "operator/prod/orders", "the state backend forst")
	for id, want := range map[string]string{"operator/prod/orders": "the state backend forst", "operator/prod/others": ""} {
		if got := data.NativeOnly("deployment", id); got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	data.NoteNativeOnly("deployment", "operator/prod/orders", "")
	if got := data.NativeOnly("deployment", "operator/prod/orders"); got != "" {
		t.Errorf("after another plan: %q", got)
	}
	var none *ProviderData
	none.NoteNativeOnly("deployment", "a", "b")
	if none.NativeOnly("deployment", "a") != "" {
		t.Error("a provider that is not configured knows nothing")
	}
}
