package standin

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Options of the operator's own configuration that say from where it fetches the jars of session jobs. No custom
// resource overrides them.
const (
	keyAllowedSchemes  = "kubernetes.operator.user.artifacts.allowed-schemes"
	keyRestrictedHosts = "kubernetes.operator.user.artifacts.disallow-restricted-hosts"
)

// ConfigurationKeys are the options of the operator's own configuration that the stand-in knows.
func ConfigurationKeys() []string { return []string{keyAllowedSchemes, keyRestrictedHosts} }

// artifacts is from where an operator fetches the jars of session jobs.
type artifacts struct {
	schemes []string
	// anyHost tells that hosts of the operator's own machine and network are allowed.
	anyHost bool
}

// configured is the version with an operator's own configuration, see ConfigurationKeys.
func (v version) configured(configuration map[string]string) (version, error) {
	v.artifacts = artifacts{schemes: []string{"https"}}
	for key, value := range configuration {
		switch key {
		case keyAllowedSchemes:
			v.artifacts.schemes = strings.Split(value, ";")
		case keyRestrictedHosts:
			v.artifacts.anyHost = !strings.EqualFold(value, "true")
		default:
			return version{}, fmt.Errorf("the stand-in has no option %s; there are %s", key, strings.Join(ConfigurationKeys(), ", "))
		}
	}
	return v, nil
}

// refuses is what JarUriValidationUtils.validateJarURI of operator 1.16.1 says of a jar, "" for nothing.
func (a artifacts) refuses(jarURI string) string {
	uri, err := url.Parse(jarURI)
	switch {
	case err != nil:
		return "jarURI is not a valid URI: " + err.Error()
	case uri.Scheme == "":
		return "jarURI must include a scheme"
	case !slices.ContainsFunc(a.schemes, func(s string) bool { return strings.EqualFold(s, uri.Scheme) }):
		return fmt.Sprintf("jarURI scheme '%s' is not in the allowlist [%s]. Configure '%s' to extend the allowlist.", uri.Scheme, strings.Join(a.schemes, ", "), keyAllowedSchemes)
	case a.anyHost || uri.Scheme != "http" && uri.Scheme != "https":
		return ""
	case uri.Hostname() == "":
		return "jarURI must include a host for http/https schemes"
	}
	host := strings.TrimSuffix(uri.Host, ":"+uri.Port())
	switch resolve(uri.Hostname()) {
	case nowhere:
		return fmt.Sprintf("jarURI host '%s' cannot be resolved", host)
	case nearby:
		return fmt.Sprintf("jarURI host '%s' resolves to a restricted address", host)
	default:
		return ""
	}
}

// place is where a name leads to.
type place int

const (
	// elsewhere is the Internet.
	elsewhere place = iota
	// nearby is the operator's own machine and network.
	nearby
	// nowhere is no address at all.
	nowhere
)

// resolve says where a name leads to, and asks nobody: of the names that RFC 6761 and RFC 9476 reserve, and those of a
// cluster's services, it is known.
func resolve(host string) place {
	if address, err := netip.ParseAddr(host); err == nil {
		if restricted(address) {
			return nearby
		}
		return elsewhere
	}
	name := "." + strings.ToLower(host)
	switch {
	case strings.HasSuffix(name, ".localhost"), strings.HasSuffix(name, ".svc"), strings.HasSuffix(name, ".svc.cluster.local"):
		return nearby
	case strings.HasSuffix(name, ".internal"), strings.HasSuffix(name, ".invalid"):
		return nowhere
	}
	return elsewhere
}

// restricted is JarUriValidationUtils.isRestricted. Java's site-local addresses are not the unique local ones of IPv6.
func restricted(address netip.Addr) bool {
	address = address.Unmap()
	siteLocal := address.Is4() && address.IsPrivate() || address.Is6() && netip.MustParsePrefix("fec0::/10").Contains(address)
	return address.IsLoopback() || address.IsLinkLocalUnicast() || siteLocal || address.IsUnspecified() || address.IsMulticast()
}

// fetchFault is why HttpArtifactFetcher of operator 1.16.1 does not get a jar, by the jar's name; "" for nothing. Earlier
// operators know no bounds.
func fetchFault(jarURI, name string) string {
	switch name {
	case "huge.jar":
		return fmt.Sprintf("Refusing to fetch artifact from '%s': declared size 2147483648 bytes exceeds the configured limit of 1073741824 bytes", jarURI)
	case "endless.jar":
		return fmt.Sprintf("Timed out (> PT5M) while fetching artifact from '%s'", jarURI)
	case "looping.jar":
		return fmt.Sprintf("Too many redirects (>5) while fetching artifact from '%s'", jarURI)
	case "moved.jar":
		return "Refusing to fetch artifact from 'http://127.0.0.1/moved.jar': jarURI scheme 'http' is not in the allowlist [https]. Configure '" + keyAllowedSchemes + "' to extend the allowlist."
	}
	return ""
}
