package cloudflow

import (
	"context"
	"errors"
	"fmt"
	"sync"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// spoken has the operators that this process has asked for their protocol.
var spoken sync.Map

// speaks refuses a cluster whose Cloudflow has another protocol, or none, before anything is written. Where the rights to
// look are missing, the log says so: the operator may well speak it.
func (a applications) speaks(ctx context.Context, namespace string) error {
	asked := [2]string{a.cluster.Identity(), namespace}
	if _, known := spoken.Load(asked); known {
		return nil
	}
	secrets, err := a.cluster.List(ctx, secretKind, namespace, core.ProtocolLabel)
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		logctx.From(ctx).WarnContext(ctx, "Whether Cloudflow speaks the provider's protocol is not known", "namespace", namespace, "error", err.Error())
		spoken.Store(asked, true)
		return nil
	}
	if err != nil {
		return err
	}
	if len(secrets) == 0 {
		return &platform.ExplainedError{
			Cause: "there is no operator of Cloudflow", Err: fmt.Errorf("no Secret in the namespace %s has the label %s, by which an operator of Cloudflow tells its protocol", namespace, core.ProtocolLabel),
			Remedy: "Install Cloudflow, or say in cloudflow.operator_namespace of the flink_environment where its operator is. Nothing was written.",
		}
	}
	for i := range secrets {
		values, err := kube.SecretValues(&secrets[i])
		if err != nil {
			return err
		}
		if is := string(values[core.ProtocolKey]); is != core.Protocol {
			return &platform.ExplainedError{
				Cause: "Cloudflow speaks another protocol", Err: fmt.Errorf("the operator of Cloudflow in the namespace %s speaks the protocol %q, and this provider %q", namespace, is, core.Protocol),
				Remedy: "Upgrade Cloudflow to 2.3, or take a version of the provider for that one. Nothing was written.",
			}
		}
	}
	spoken.Store(asked, true)
	return nil
}
