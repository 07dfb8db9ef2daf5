package answered

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// TestExplain has each error of a server under a title of its own, with a remedy that names where
// it is configured.
func TestExplain(t *testing.T) {
	t.Parallel()
	server := Server{Block: "other", Base: "/other/v1", URL: "OTHER_URL", Authority: "OTHER_CA", Unauthorized: "Log in.", Forbidden: "Ask for a role."}
	refused := func(code int) error { return &rest.StatusError{Code: code} }
	for name, test := range map[string]struct {
		err           error
		cause, remedy string
	}{
		"401":            {refused(401), "the server does not accept the credentials", "Log in."},
		"403":            {refused(403), "it is not allowed", "Ask for a role."},
		"400":            {refused(400), "the server rejects it", "Nothing was changed"},
		"404":            {refused(404), "this is not its API", "endpoint in the provider block's other: it is the URL before /other/v1"},
		"409":            {refused(409), "it is in conflict with what is there", "apply again"},
		"500":            {refused(500), "the server answers with an error", "Apply again"},
		"no credentials": {&rest.CredentialsError{}, "the server does not accept the credentials", "Log in."},
		"it is away":     {&rest.UnreachableError{Cause: errors.New("refused")}, "the server cannot be reached", "OTHER_URL"},
		"a certificate":  {&rest.UnreachableError{Cause: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, "the server's certificate is not trusted", "ca_certificate of the provider block's other"},
		"another name":   {&rest.UnreachableError{Cause: x509.HostnameError{Certificate: &x509.Certificate{}}}, "the server's certificate is not trusted", "OTHER_CA"},
		"no endpoint":    {&rest.ConfigError{Attribute: "endpoint"}, "there is no usable configuration of the server", "OTHER_URL"},
		"a wrong proxy":  {&rest.ConfigError{Attribute: "proxy_url"}, "there is no usable configuration of the server", "Correct other.proxy_url"},
		"explained":      {&platform.ExplainedError{Cause: "it is so", Err: refused(403), Remedy: "Do that."}, "it is so", "Do that."},
	} {
		explained, _ := errors.AsType[*platform.ExplainedError](server.Explain(test.err))
		if explained == nil || explained.Cause != test.cause || !strings.Contains(explained.Remedy, test.remedy) {
			t.Errorf("%s: %#v", name, explained)
		}
	}
	if absent := (&platform.NotFoundError{Kind: "Deployment"}); !errors.Is(server.Explain(absent), absent) || server.Explain(nil) != nil {
		t.Error("what no server has answered is explained")
	}
}
