package confluent

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// The environment variables that say what a configuration leaves out. Those of
// the URL and of the certificates are those of the vendor's own command line tool.
const (
	VariableURL               = "CONFLUENT_CMF_URL"
	variableToken             = "CONFLUENT_CMF_TOKEN" //nolint:gosec // the name of a variable
	variableUsername          = "CONFLUENT_CMF_USERNAME"
	variablePassword          = "CONFLUENT_CMF_PASSWORD"        //nolint:gosec // the name of a variable
	variableOAuthTokenURL     = "CONFLUENT_CMF_OAUTH_TOKEN_URL" //nolint:gosec // the name of a variable
	variableOAuthClientID     = "CONFLUENT_CMF_OAUTH_CLIENT_ID"
	variableOAuthClientSecret = "CONFLUENT_CMF_OAUTH_CLIENT_SECRET" //nolint:gosec // the name of a variable
	variableCertificate       = "CONFLUENT_CMF_CLIENT_CERT_PATH"
	variableKey               = "CONFLUENT_CMF_CLIENT_KEY_PATH"
	variableAuthority         = "CONFLUENT_CMF_CERTIFICATE_AUTHORITY_PATH"
)

// fromVariables fills what a configuration leaves out from environment variables,
// and from the files that these name. Credentials that are configured leave no
// room for others, of whatever form. An error is a *rest.ConfigError.
func fromVariables(config rest.Config, lookup func(string) string, read func(string) ([]byte, error)) (rest.Config, error) {
	if config.Endpoint == "" {
		config.Endpoint = lookup(VariableURL)
	}
	if config.Endpoint == "" {
		return config, &rest.ConfigError{Attribute: "endpoint", Message: "The URL of " + product + " is not configured, and " + VariableURL + " is not set."}
	}
	if config.Token == "" && config.Basic == nil && config.OAuth == nil {
		credentials(&config, lookup)
	}
	files := map[string]*string{variableAuthority: &config.CertificateAuthority}
	if config.Certificate == "" && config.Key == "" {
		files[variableCertificate], files[variableKey] = &config.Certificate, &config.Key
	}
	for variable, into := range files {
		name := lookup(variable)
		if *into != "" || name == "" {
			continue
		}
		text, err := read(name)
		if err != nil {
			return config, &rest.ConfigError{Attribute: variable, Message: fmt.Sprintf("The file that the environment variable %s names cannot be read: %s.", variable, err)}
		}
		*into = string(text)
	}
	return config, nil
}

// credentials takes the first that the variables have.
func credentials(config *rest.Config, lookup func(string) string) {
	switch {
	case lookup(variableToken) != "":
		config.Token = lookup(variableToken)
	case lookup(variableOAuthTokenURL) != "":
		config.OAuth = &rest.OAuth{
			TokenURL: lookup(variableOAuthTokenURL), ClientID: lookup(variableOAuthClientID), ClientSecret: lookup(variableOAuthClientSecret),
		}
	case lookup(variableUsername) != "":
		config.Basic = &rest.Basic{Username: lookup(variableUsername), Password: lookup(variablePassword)}
	}
}
