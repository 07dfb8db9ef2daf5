package ververica

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// The environment variables that say what a configuration leaves out. That of a token
// of a namespace is variableToken, then _ and the namespace as variableOf writes it.
const (
	variableURL       = "VERVERICA_PLATFORM_URL"
	variableToken     = "VERVERICA_PLATFORM_TOKEN" //nolint:gosec // the name of a variable
	variableAuthority = "VERVERICA_PLATFORM_CA_FILE"
)

// fromVariables fills what a configuration leaves out from environment variables, and
// from the file that one of them names. An error is a *rest.ConfigError.
func fromVariables(config Config, lookup func(string) string, read func(string) ([]byte, error)) (Config, error) {
	if config.Endpoint == "" {
		config.Endpoint = lookup(variableURL)
	}
	if config.Endpoint == "" {
		return config, &rest.ConfigError{Attribute: "endpoint", Message: "The URL of " + product + " is not configured, and " + variableURL + " is not set."}
	}
	if config.Token == "" {
		config.Token = lookup(variableToken)
	}
	if name := lookup(variableAuthority); config.CertificateAuthority == "" && name != "" {
		text, err := read(name)
		if err != nil {
			return config, &rest.ConfigError{
				Attribute: variableAuthority,
				Message:   fmt.Sprintf("The file that the environment variable %s names cannot be read: %s.", variableAuthority, err),
			}
		}
		config.CertificateAuthority = string(text)
	}
	if config.FlinkProxyPath == "" {
		config.FlinkProxyPath = defaultFlinkProxyPath
	}
	return config, nil
}

// tokenOf returns what knows the token for what is in a namespace: that of the
// configuration for it, that of its variable, or the one for all.
func (c Config) tokenOf(lookup func(string) string) func(namespace string) string {
	return func(namespace string) string {
		if token := c.Tokens[namespace]; token != "" {
			return token
		}
		if token := lookup(variableOf(namespace)); token != "" {
			return token
		}
		return c.Token
	}
}

// variableOf returns the environment variable with the token of a namespace: for
// example VERVERICA_PLATFORM_TOKEN_PROD_EU of prod-eu.
func variableOf(namespace string) string {
	return variableToken + "_" + flink.VariableSuffix(namespace)
}
