package ververica

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// This file is where errors leave the package: what the server answers becomes the
// platform's errors, with words for people. Inside, they are what they are.

// explain returns an error of this package or of the server as one of the platform.
func explain(err error) error {
	var (
		explained   *platform.ExplainedError
		config      *rest.ConfigError
		unreachable *rest.UnreachableError
		unreadable  *rest.UnreadableError
	)
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch code := rest.Code(err); {
	case errors.As(err, &explained):
		return err
	case code == http.StatusUnauthorized:
		return because("the server does not accept the credentials",
			"Check token and tokens in the provider block's ververica, or the environment variables "+variableToken+" and "+variableToken+"_<NAMESPACE>. A token is of one namespace and one role: say in tokens which is for which namespace.")
	case code == http.StatusForbidden:
		return because("it is not allowed",
			"A token is of one namespace and one role. Say in tokens of the provider block's ververica (or "+variableToken+"_<NAMESPACE>) one of this namespace, with the role editor or owner; deployment targets and deployment defaults need owner. A namespace is created and deleted by an administrator, with token (or "+variableToken+").")
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		return because("the server rejects it", "Correct the configuration as the server's message asks. Nothing was changed.")
	case code == http.StatusConflict:
		return because("it is in conflict with what is there", "Nothing was changed. Something still uses it, or another change of it is under way: apply again when that is over.")
	case errors.As(err, &unreachable) && untrusted(err):
		return because("the server's certificate is not trusted",
			"Say in ca_certificate of the provider block's ververica, or in the file that "+variableAuthority+" names, which authorities have issued it, and check that endpoint has the name that the certificate is for.")
	case errors.As(err, &unreachable):
		return because("the server cannot be reached",
			"Check that the server runs and that this machine reaches it, and that the provider block's ververica (or "+variableURL+") names the right one.")
	case errors.As(err, &unreadable), code == http.StatusNotFound:
		return because("this is not its API", "Check endpoint in the provider block's ververica: it is the URL before /api/v1.")
	case errors.As(err, &config):
		remedy := "Say in the provider block's ververica how to reach the server, or set " + variableURL + "."
		if config.Attribute != "endpoint" && config.Attribute == strings.ToLower(config.Attribute) {
			remedy = "Correct ververica." + config.Attribute + " in the provider block."
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
