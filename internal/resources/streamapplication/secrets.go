package streamapplication

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// secretsAt are the Secrets with the documents of one deployment.
type secretsAt struct {
	*Resource
	target tfkit.Target
	object string
}

func (p *planning) secretsOf(object string) secretsAt { return secretsAt{p.Resource, p.target, object} }

// keeper returns what keeps Secrets on the platform; nil where it keeps none.
func (s secretsAt) keeper(ctx context.Context) (platform.SecretKeeper, error) {
	if !s.target.Rules.Can(platform.KeepSecrets) {
		return nil, nil
	}
	connected, err := s.data.At(ctx, s.target)
	if err != nil {
		return nil, err
	}
	keeper, _ := connected.Deployments(platform.KindDeployment).(platform.SecretKeeper)
	return keeper, nil
}

// keep writes the Secret of a document before the deployment that needs it.
func (s secretsAt) keep(ctx context.Context, is *document, prior lifecycle.Part) diag.Diagnostics {
	if is == nil || is.secret == "" {
		return nil
	}
	keeper, err := s.keeper(ctx)
	if err == nil && keeper != nil {
		secret := platform.OwnSecret{Name: is.secret, Values: map[string]string{blueprint.DocumentFile: string(is.text)}, Create: !prior.Exists()}
		if prior.Exists() {
			secret.UID = text(fields(fields(prior.Value)["status"])["uid"])
		}
		err = keeper.KeepSecret(ctx, s.target.Ref(s.object), secret)
	}
	return s.failure("write", err)
}

// discard deletes the Secret of a deployment that was not created.
func (s secretsAt) discard(ctx context.Context, is *document) diag.Diagnostics {
	if is == nil || is.secret == "" {
		return nil
	}
	keeper, err := s.keeper(ctx)
	if err == nil && keeper != nil {
		err = keeper.DiscardSecret(context.WithoutCancel(ctx), s.target.Ref(s.object), is.secret, errors.New("not created"))
	}
	return asWarnings(s.failure("delete", err))
}

// replaces tells whether a document has another Secret than the one that the state says or that the deployment
// reads. The two are not always the same: an apply that failed has left some deployments as they were, and one that was
// killed has left the state so.
func (secretsAt) replaces(is, was *document, prior lifecycle.Part) bool {
	if is == nil || is.secret == "" || !prior.Exists() {
		return false
	}
	return readBy(prior) != is.secret || was != nil && was.secret != is.secret
}

// readBy is the Secret that a deployment reads its document from, empty where that is not known.
func readBy(part lifecycle.Part) string {
	spec, err := flink.ParseDocument(text(fields(part.Value)["effective_spec"]))
	if err != nil {
		return ""
	}
	template, _ := spec["podTemplate"].(map[string]any)
	_, carried, _ := blueprint.Unrendered(template)
	return carried.Secret
}

// drop deletes the Secrets of a deployment but those of some names.
func (s secretsAt) drop(ctx context.Context, except ...string) diag.Diagnostics {
	keeper, err := s.keeper(ctx)
	if err == nil && keeper != nil {
		err = keeper.DropSecrets(ctx, s.target.Ref(s.object), except...)
	}
	return s.failure("delete", err)
}

// drop deletes the Secrets of former documents of a deployment, once nothing reads them any more, and tells
// whether it has.
func (a *applying) drop(ctx context.Context, object string, except ...string) bool {
	diags := a.secretsOf(object).drop(ctx, except...)
	a.note(asWarnings(diags))
	return !diags.HasError()
}

// leave has the next apply look for Secrets of a deployment that nobody reads.
func (a *applying) leave(object string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.left.leave(object)
}

// dropLeft deletes the Secrets that earlier applies have left. It follows those of this one: all streamlets
// read what the plan says.
func (a *applying) dropLeft(ctx context.Context) {
	for _, object := range a.private.Secrets {
		var except []string
		for name, of := range a.is.objects {
			if s, err := a.streamlet(a.is, name); of == object && err == nil && s.document != nil {
				except = append(except, s.document.secret)
			}
		}
		if a.drop(ctx, object, except...) {
			a.left.Secrets = slices.DeleteFunc(slices.Clone(a.left.Secrets), func(left string) bool { return left == object })
		}
	}
}

func (s secretsAt) failure(verb string, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("streamlets"), fmt.Sprintf("Cannot %s the Secret with the application document of %q", verb, s.object),
		tfkit.Sentence(err.Error())+" The provider needs the right to get, list, create, patch and delete Secrets in "+s.target.Where()+".")}
}

// asWarnings are errors that keep nothing from being right.
func asWarnings(diags diag.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	for _, d := range diags {
		out.AddWarning(d.Summary(), d.Detail())
	}
	return out
}
