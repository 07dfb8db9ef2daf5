package ververica

import (
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/answered"
)

// words are those in which errors speak of the configuration of a server.
var words = answered.Server{
	Block: Name, Base: "/api/v1", URL: variableURL, Authority: variableAuthority,
	Unauthorized: "Check token and tokens in the provider block's ververica, or the environment variables " + variableToken + " and " + variableToken + "_<NAMESPACE>. " +
		"A token is of one namespace and one role: say in tokens which is for which namespace.",
	Forbidden: "A token is of one namespace and one role. Say in tokens of the provider block's ververica (or " + variableToken + "_<NAMESPACE>) one of this namespace, with the role editor or owner; " +
		"deployment targets and deployment defaults need owner. A namespace is created and deleted by an administrator, with token (or " + variableToken + ").",
}

// explain returns an error of this package or of the server as one of the platform. It is called
// where errors leave the package: inside, they are what they are.
func explain(err error) error { return words.Explain(err) }

// isAbsent tells that the platform has answered that something does not exist.
func isAbsent(err error) bool {
	_, absent := errors.AsType[*platform.NotFoundError](err)
	return absent
}
