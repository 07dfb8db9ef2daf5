package kube

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

var webhookKind = Kind{
	GroupVersionResource: schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"},
	Kind:                 "ValidatingWebhookConfiguration",
}

// webhookRule is what a validating webhook is called for
// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules).
type webhookRule struct {
	APIGroups   []string `json:"apiGroups"`
	APIVersions []string `json:"apiVersions"`
	Operations  []string `json:"operations"`
	Resources   []string `json:"resources"`
}

// admission remembers what validates objects.
type admission struct {
	asked sync.Once
	// rules by the name of their webhook.
	rules map[string][]webhookRule
}

// ValidatingWebhook returns the name of a webhook that validates objects of the
// kind, for which it names the kind itself: one for everything, such as a policy
// engine's, does not count. It is empty for none, and where that cannot be found
// out soon. The cluster is asked once in the life of the client.
func (c *Client) ValidatingWebhook(ctx context.Context, kind Kind) string {
	c.admission.asked.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, c.timing.firstContact)
		defer cancel()
		c.admission.rules = c.validatingWebhooks(ctx)
	})
	var names []string
	for name, rules := range c.admission.rules {
		if slices.ContainsFunc(rules, func(r webhookRule) bool { return r.validates(kind) }) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func (r webhookRule) validates(kind Kind) bool {
	has := func(list []string, value string) bool {
		return slices.Contains(list, value) || slices.Contains(list, "*")
	}
	return slices.Contains(r.Resources, kind.Resource) && has(r.APIGroups, kind.Group) && has(r.APIVersions, kind.Version) &&
		(has(r.Operations, "CREATE") || has(r.Operations, "UPDATE"))
}

// validatingWebhooks lists what is registered, nothing when it may not be listed.
func (c *Client) validatingWebhooks(ctx context.Context) map[string][]webhookRule {
	var list struct {
		Items []struct {
			Webhooks []struct {
				Name  string        `json:"name"`
				Rules []webhookRule `json:"rules"`
			} `json:"webhooks"`
		} `json:"items"`
	}
	err := c.do(ctx, operation{verb: "list", ref: Ref{Kind: webhookKind}, probe: true}, func(ctx context.Context) error {
		body, err := answer(c.rest.Get().AbsPath(path(webhookKind, Key{})...).MaxRetries(0).Do(ctx))
		if err != nil {
			return err
		}
		return badJSON(json.Unmarshal(body, &list))
	})
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			logctx.From(ctx).InfoContext(ctx, "What validates objects is not known", "error", err.Error())
		}
		return nil
	}
	rules := map[string][]webhookRule{}
	for _, configuration := range list.Items {
		for _, webhook := range configuration.Webhooks {
			rules[webhook.Name] = append(rules[webhook.Name], webhook.Rules...)
		}
	}
	return rules
}
