package tfkit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
)

// CutCustomResources takes the namespace of custom resources from the end of an import id:
// "<platform>/prod/orders@resources" is the object <platform>/prod/orders, by the custom resource in
// the namespace resources. The namespace is empty for an object of the platform itself.
func CutCustomResources(id string) (of, namespace string) {
	of, namespace, _ = strings.Cut(id, "@")
	return of, namespace
}

// BySettings are the settings of an environment of which nothing is known but that its objects
// are custom resources in a namespace. They are what a configuration without a
// flink_environment writes.
func BySettings(environment, namespace string) string {
	// A struct of texts can always be encoded.
	text, _ := json.Marshal(defaults.Settings{Environment: environment, CustomResources: &defaults.CustomResources{Namespace: namespace}})
	return string(text)
}

// ChangeOfWay tells whether an object is to be managed in another way than before: what is the
// object in a sentence, and at the attribute that says the way. An error where that cannot be.
func ChangeOfWay(what string, now, before defaults.Settings, at path.Path) (moves bool, diags diag.Diagnostics) {
	is, was := now.CustomResources, before.CustomResources
	switch {
	case was == nil:
		return is != nil, nil
	case is == nil:
		diags.AddAttributeError(at, "Custom resources cannot be given back",
			fmt.Sprintf("The %s is managed by a custom resource in the namespace %s, and would be managed over REST. The custom resource would have to go, and its controller then deletes what it stands for on the platform: "+
				"there is no documented way to have it keep that. Nothing was changed. Keep custom_resources; or destroy it, with a savepoint of what has state, and create it over REST.", what, was.Namespace))
		return false, diags
	case is.Namespace != was.Namespace:
		diags.AddAttributeError(at, "Custom resources cannot move to another namespace",
			fmt.Sprintf("The custom resource of the %s is in the namespace %s, and would be in %s. Its controller deletes on the platform what a custom resource that goes stands for. Nothing was changed. Keep the namespace; "+
				"or destroy it, with a savepoint of what has state, and create it again.", what, was.Namespace, is.Namespace))
		return false, diags
	}
	return is.Class != was.Class || is.ClassNamespace != was.ClassNamespace, nil
}
