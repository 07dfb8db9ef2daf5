package confluent

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/answered"
)

// words are those in which errors speak of the configuration of a server.
var words = answered.Server{
	Block: Name, Base: "/cmf/api/v1", URL: VariableURL, Authority: variableAuthority,
	Unauthorized: "Check token, basic, oauth or mtls in the provider block's confluent, or the environment variables. Where the server has role-based access control, it answers so too when the user has no role for this.",
	Forbidden:    "Grant the user of these credentials a role for it, or use other credentials in the provider block's confluent.",
}

// explain returns an error of this package or of the server as one of the platform. It is called
// where errors leave the package: inside, they are what they are.
func explain(err error) error { return words.Explain(err) }

// explained are objects whose errors are the platform's.
func explained[T any](objects platform.Objects[T]) platform.Objects[T] {
	return platform.ToldObjects[T]{Inner: objects, Tell: explain}
}
