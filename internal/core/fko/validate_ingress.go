package fko

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

var urlProtocol = regexp.MustCompile(`(?i)^https?://`)

var (
	namePlaceholder      = regexp.MustCompile(`(?i)\{\{name\}\}`)
	namespacePlaceholder = regexp.MustCompile(`(?i)\{\{namespace\}\}`)
)

// ingressTemplate follows IngressUtils.getIngressUrl: the template, with http://
// before it and its placeholders filled, must be a URL to Java.
func ingressTemplate(d deployment) []flink.Finding {
	if d.spec.Ingress == nil {
		return nil
	}
	path := flink.Path{"ingress", "template"}
	if d.spec.Ingress.Template == nil {
		return fault(path, "The ingress has no template",
			"Set ingress.template to the host and path of the web interface, for example \"{{name}}.{{namespace}}.example.com\".")
	}
	template := *d.spec.Ingress.Template
	url := ingressURL(template, d.name, "namespace")
	if reason := urlFault(url); reason != "" {
		return fault(path, fmt.Sprintf("The ingress template %q is not a URL", template),
			reason+". Set ingress.template to a host and path, for example \"{{name}}.{{namespace}}.example.com\" or \"example.com/{{namespace}}/{{name}}(/|$)(.*)\".")
	}
	return nil
}

// ingressURL fills a template's placeholders.
func ingressURL(template, name, namespace string) string {
	if !urlProtocol.MatchString(template) {
		template = "http://" + template
	}
	template = namePlaceholder.ReplaceAllLiteralString(template, name)
	return namespacePlaceholder.ReplaceAllLiteralString(template, namespace)
}

// IngressAddress returns the host and the path that an ingress template means
// for a deployment, as the operator's IngressUtils reads it; the host is empty
// for every host.
func IngressAddress(template, name, namespace string) (host, path string) {
	_, rest, _ := strings.Cut(ingressURL(template, name, namespace), "://")
	host, path = rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host, path = rest[:end], rest[end:]
	}
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	return host, path
}

// urlFault says why java.net.URL refuses a text. It looks at the host and port
// only: net/url refuses paths that Java and ingress controllers take, such as
// regular expressions.
func urlFault(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host = rest[:end]
	}
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	if strings.HasPrefix(host, "[") {
		closing := strings.Index(host, "]")
		if closing < 0 {
			return fmt.Sprintf("The host %q lacks a closing bracket", host)
		}
		host = host[closing+1:]
	}
	_, port, given := strings.Cut(host, ":")
	if !given || port == "" {
		return ""
	}
	if number, err := strconv.ParseInt(port, 10, 32); err != nil || number < -1 {
		return fmt.Sprintf("%q is not a port", port)
	}
	return ""
}
