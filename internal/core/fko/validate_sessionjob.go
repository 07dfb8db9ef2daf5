package fko

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// sessionJobRules in the order of DefaultValidator.validateSessionJob. What the
// operator merges from the session cluster's configuration is not seen here, so
// what that may supply is only a warning.
var sessionJobRules = []rule{
	validSessionCluster,
	jarURIReadable,
	jarURIAllowed,
	checkpointDirectory,
	savepointDirectory,
	parallelismOrReplicas,
	jobEnums,
	autoscalerRanges,
	autoscalerUtilization,
	autoscalerPeriods,
	autoscalerWindow,
	readableValues,
	writableSavepoints,
	parallelismWithinBounds,
}

func validSessionCluster(d deployment) []flink.Finding {
	name := *d.spec.DeploymentName
	if namePattern.MatchString(name) {
		return nil
	}
	return fault(flink.Path{"deploymentName"}, fmt.Sprintf("The name %q is not valid for a session cluster", name),
		"A name has at most 45 characters: lower case letters, digits and hyphens, a letter first, a letter or digit last. Refer to the cluster: session_cluster = flink_session_cluster.<name>.name.")
}

// jarURI is the URI from which the operator fetches the job's JAR file; ok is
// false when there is none, or none that can be read.
func (d deployment) jarURI() (uri *url.URL, ok bool) {
	if d.spec.Job == nil || d.spec.Job.JarURI == nil {
		return nil, false
	}
	uri, err := url.Parse(*d.spec.Job.JarURI)
	return uri, err == nil
}

// jarURIReadable refuses what the operator cannot fetch from: it downloads the
// JAR file of a session job itself, and uploads it to the cluster.
func jarURIReadable(d deployment) []flink.Finding {
	if d.spec.Job == nil || d.spec.Job.JarURI == nil {
		return nil
	}
	path := flink.Path{"job", "jarURI"}
	const how = "The operator downloads the JAR file of a session job and uploads it to the cluster, so it needs a URI such as \"https://repo.example.com/orders.jar\". Correct job.jar_uri."
	switch uri, ok := d.jarURI(); {
	case !ok:
		return fault(path, fmt.Sprintf("%q is no URI", *d.spec.Job.JarURI), how)
	case uri.Scheme == "":
		return fault(path, fmt.Sprintf("The URI %q has no scheme", *d.spec.Job.JarURI), how)
	case (uri.Scheme == "http" || uri.Scheme == "https") && uri.Hostname() == "":
		return fault(path, fmt.Sprintf("The URI %q has no host", *d.spec.Job.JarURI), how)
	}
	return nil
}

// Options of the operator, since 1.15, that no custom resource can override.
const (
	keyAllowedSchemes  = "kubernetes.operator.user.artifacts.allowed-schemes"
	keyRestrictedHosts = "kubernetes.operator.user.artifacts.disallow-restricted-hosts"
)

// jarURIAllowed warns of what the operator refuses unless its own options allow
// it.
func jarURIAllowed(d deployment) []flink.Finding {
	uri, ok := d.jarURI()
	path := flink.Path{"job", "jarURI"}
	switch {
	case !ok || uri.Scheme == "":
		return nil
	case !strings.EqualFold(uri.Scheme, "https"):
		return warning(path, fmt.Sprintf("The operator may not fetch JAR files by %s", uri.Scheme),
			fmt.Sprintf("From version 1.15 on it takes https alone, unless its own option %s names %s as well. The file is read where the operator runs, not in the session cluster.", keyAllowedSchemes, uri.Scheme))
	case restricted(uri.Hostname()):
		return warning(path, fmt.Sprintf("The operator may not fetch JAR files from %s", uri.Hostname()),
			fmt.Sprintf("From version 1.15 on it refuses hosts of its own machine and network, unless its own option %s is false.", keyRestrictedHosts))
	}
	return nil
}

// restricted tells whether a host is known to be one of those that the operator
// refuses. What a name resolves to is for the operator to find out.
func restricted(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && (address.IsLoopback() || address.IsLinkLocalUnicast() || address.IsPrivate() || address.IsUnspecified() || address.IsMulticast())
}
