package streamapplication

import (
	"context"
	"errors"
	"fmt"

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

func (a *applying) secretsOf(_ context.Context, streamlet string) secretsAt {
	return secretsAt{a.Resource, a.target, a.is.objects[streamlet]}
}

// keeper returns what keeps Secrets on the platform; nil where it keeps none.
func (s secretsAt) keeper(ctx context.Context) (platform.SecretKeeper, error) {
	if !s.target.Rules.Can(platform.KeepSecrets) {
		return nil, nil
	}
	connected, err := s.data.Platform(ctx, s.target.Platform)
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

// drop deletes the Secrets of former documents, once nothing reads them any more. What the state says is not
// always what the deployment was told: an apply that failed has left some as they were.
func (s secretsAt) drop(ctx context.Context, is *document, prior lifecycle.Part, waited bool) diag.Diagnostics {
	if is == nil || is.secret == "" || !prior.Exists() || !waited || readBy(prior) == is.secret {
		return nil
	}
	keeper, err := s.keeper(ctx)
	if err == nil && keeper != nil {
		err = keeper.DropSecrets(ctx, s.target.Ref(s.object), is.secret)
	}
	return asWarnings(s.failure("delete", err))
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

// dropAll deletes the Secrets of a deployment that is gone.
func (s secretsAt) dropAll(ctx context.Context) diag.Diagnostics {
	keeper, err := s.keeper(ctx)
	if err == nil && keeper != nil {
		err = keeper.DropSecrets(ctx, s.target.Ref(s.object))
	}
	return asWarnings(s.failure("delete", err))
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
