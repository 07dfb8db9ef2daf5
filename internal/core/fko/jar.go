package fko

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Options of the operator's own configuration that bound from where, and how, it fetches the JAR files of session jobs
// (KubernetesOperatorConfigOptions of operator 1.16.1, the first two since 1.15). No custom resource overrides them.
const (
	keyAllowedSchemes  = "kubernetes.operator.user.artifacts.allowed-schemes"
	keyRestrictedHosts = "kubernetes.operator.user.artifacts.disallow-restricted-hosts"
	keyMaxSize         = "kubernetes.operator.user.artifacts.max-size"
	keySocketTimeout   = "kubernetes.operator.user.artifacts.http.socket-timeout"
	keyTotalTimeout    = "kubernetes.operator.user.artifacts.http.total-timeout"
)

// administrator says who changes an option of the operator, and where.
const administrator = "the operator's administrator sets %s in the operator's own configuration (defaultConfiguration of its Helm chart); no flink_configuration does"

// SessionJobAdvice returns what a plan says of a session job when it is known whether the operator's custom resource
// definitions are those of 1.15 or newer (guarded): which fetches JAR files only from where its administrator allows
// (JarUriValidationUtils of operator 1.16.1), or an older one, which fetches what anybody names (CVE-2026-40564). The
// definitions may be older than the operator, and the administrator may have allowed more, so all are warnings.
func SessionJobAdvice(spec flink.DeploymentSpec, guarded bool) []flink.Finding {
	if !guarded {
		return warning(nil, "Session jobs can read files of this operator (CVE-2026-40564)",
			"The cluster has the custom resource definitions of an operator before 1.15. Such an operator (1.3 to 1.14) fetches the JAR file of a session job from wherever job.jar_uri says: "+
				"who may create a FlinkSessionJob can have it read files of the operator's pod, and reach addresses of the cluster's network.\n\n"+
				"Upgrade the operator to 1.15 or newer. Until then, restrict by RBAC who may create FlinkSessionJobs. "+
				"If the operator is newer already, Helm has left its definitions as they were: replace them with those of the operator's release.")
	}
	uri, ok := deployment{spec: spec}.jarURI()
	if !ok || uri.Scheme == "" {
		return nil
	}
	path := flink.Path{"job", "jarURI"}
	var findings []flink.Finding
	advise := func(whence, why, remedy, option string) {
		findings = append(findings, warning(path, "The operator fetches no JAR files "+whence+" unless its administrator allows it",
			fmt.Sprintf("job.jar_uri is %q. %s Ways out:\n  - %s\n  - "+administrator+"\n\nIf that is so already, nothing is left to do.", uri.Redacted(), why, remedy, option))...)
	}
	const since = "The cluster has the custom resource definitions of operator 1.15 or newer, which by default "
	if !strings.EqualFold(uri.Scheme, "https") {
		advise("by "+uri.Scheme, since+"fetches the JAR files of session jobs by https alone. It reads them where it runs itself, not in the session cluster.",
			"put the file on a server that the operator reaches by https", keyAllowedSchemes+" to https;"+strings.ToLower(uri.Scheme))
	}
	if overHTTP(uri) && restricted(uri.Hostname()) {
		advise("from "+uri.Hostname(), since+"fetches no JAR files from its own machine and network: loopback, link-local and private addresses.",
			"put the file on a server with a public address", keyRestrictedHosts+" to false")
	}
	return findings
}

func overHTTP(uri *url.URL) bool {
	return strings.EqualFold(uri.Scheme, "http") || strings.EqualFold(uri.Scheme, "https")
}

// siteLocal are the private addresses of IPv6 that Java knows: not the unique local ones.
var siteLocal = netip.MustParsePrefix("fec0::/10")

// restricted tells whether a host is known to have an address that the operator refuses
// (JarUriValidationUtils.isRestricted). Other names are for the operator to resolve; those of services have addresses of
// the cluster's network.
func restricted(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		name := "." + strings.TrimSuffix(strings.ToLower(host), ".")
		return strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".svc") || strings.HasSuffix(name, ".svc.cluster.local")
	}
	address = address.Unmap()
	return address.IsLoopback() || address.IsLinkLocalUnicast() || address.Is4() && address.IsPrivate() || siteLocal.Contains(address) ||
		address.IsUnspecified() || address.IsMulticast()
}

// jarRemedies say what to do about each message of JarUriValidationUtils and HttpArtifactFetcher of operator 1.16.1, the
// first that is there.
var jarRemedies = []struct {
	message *regexp.Regexp
	remedy  string
}{
	{
		regexp.MustCompile(`jarURI scheme '([^']*)' is not in the allowlist`),
		"The operator fetches the JAR files of session jobs only by the schemes that it allows. Put the file on a server that it reaches by https and name that in job.jar_uri, or " +
			fmt.Sprintf(administrator, keyAllowedSchemes+" to https;$1") + ".",
	},
	{
		regexp.MustCompile(`jarURI host '([^']*)' resolves to a restricted address`),
		"The operator fetches no JAR files from loopback, link-local and private addresses, and $1 has one as the operator's pod resolves it. Put the file on a server with a public address, or " +
			fmt.Sprintf(administrator, keyRestrictedHosts+" to false") + ".",
	},
	{
		regexp.MustCompile(`jarURI host '([^']*)' cannot be resolved`),
		"The name $1 has no address in the operator's pod. Check the host of job.jar_uri, and that the cluster's DNS resolves it; the machine that runs Terraform may resolve other names.",
	},
	{
		regexp.MustCompile(`jarURI (?:must include a (?:scheme|host)|is not a valid URI)`),
		"Write job.jar_uri as a whole URI, for example https://repo.example.com/orders.jar.",
	},
	{
		regexp.MustCompile(`size \d+ bytes exceeds the configured limit of (\d+) bytes`),
		"The operator fetches JAR files of at most $1 bytes. Make the file smaller, for example by leaving out what the image has (Flink's own libraries, connectors in lib/), or " +
			fmt.Sprintf(administrator, keyMaxSize) + ".",
	},
	{
		regexp.MustCompile(`Timed out \(> (\S+)\) while fetching artifact`),
		"The whole JAR file has to come within $1. See whether the server is slow or the file large, or " + fmt.Sprintf(administrator, keyTotalTimeout) + " (" + keySocketTimeout + " bounds each pause of the server).",
	},
	{
		regexp.MustCompile(`Too many redirects|Refusing to follow redirect|Received redirect`),
		"The operator follows at most 5 redirects, and only to http and https. Name the address at which they end in job.jar_uri.",
	},
}

// JarRemedy says what to do about the operator's answer that it does not fetch the JAR file of a session job; ok is false
// for every other text.
func JarRemedy(text string) (remedy string, ok bool) {
	for _, r := range jarRemedies {
		if found := r.message.FindStringSubmatchIndex(text); found != nil {
			return string(r.message.ExpandString(nil, r.remedy, text, found)), true
		}
	}
	return "", false
}
