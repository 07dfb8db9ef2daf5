// Package answered gives the errors of a REST server the words of the platform that it serves.
// Platforms with a server share it.
package answered

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Server is how the errors of a server speak of its configuration.
type Server struct {
	// Block is the attribute of the provider block that has the configuration.
	Block string
	// Base is what the endpoint is in front of, for example "/api/v1".
	Base string
	// URL and Authority are the environment variables with the endpoint, and with the name of the
	// file that has the certificate authorities.
	URL, Authority string
	// Unauthorized and Forbidden say what to do where the server refuses the credentials, or what
	// somebody does with them.
	Unauthorized, Forbidden string
}

// Explain returns an error of the server, or of what leads to it, as a *platform.ExplainedError.
// Any other error stays as it is.
func (s Server) Explain(err error) error {
	var (
		explained   *platform.ExplainedError
		credentials *rest.CredentialsError
		config      *rest.ConfigError
		unreachable *rest.UnreachableError
		unreadable  *rest.UnreadableError
	)
	block := "the provider block's " + s.Block
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch code := rest.Code(err); {
	case errors.As(err, &explained):
		return err
	case errors.As(err, &credentials), code == http.StatusUnauthorized:
		return because("the server does not accept the credentials", s.Unauthorized)
	case code == http.StatusForbidden:
		return because("it is not allowed", s.Forbidden)
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		return because("the server rejects it", "Correct the configuration as the server's message asks. Nothing was changed.")
	case code == http.StatusConflict:
		return because("it is in conflict with what is there", "Nothing was changed. Something still uses it, or another change of it is under way: apply again when that is over.")
	case errors.As(err, &unreachable) && untrusted(err):
		return because("the server's certificate is not trusted",
			"Say in ca_certificate of "+block+", or in the file that "+s.Authority+" names, which authorities have issued it, and check that endpoint has the name that the certificate is for.")
	case errors.As(err, &unreachable):
		return because("the server cannot be reached",
			"Check that the server runs and that this machine reaches it, and that "+block+" (or "+s.URL+") names the right one.")
	case errors.As(err, &unreadable), code == http.StatusNotFound:
		return because("this is not its API", "Check endpoint in "+block+": it is the URL before "+s.Base+".")
	case errors.As(err, &config):
		remedy := "Say in " + block + " how to reach the server, or set " + s.URL + "."
		if config.Attribute != "endpoint" && config.Attribute == strings.ToLower(config.Attribute) {
			remedy = "Correct " + s.Block + "." + config.Attribute + " in the provider block."
		}
		return because("there is no usable configuration of the server", remedy)
	case code != 0:
		return because("the server answers with an error", "Apply again when the cause is gone.")
	}
	return err
}

// untrusted tells that no connection comes about because of the server's certificate.
func untrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname)
}
