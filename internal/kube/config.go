package kube

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Config says how to reach a cluster. Every field is optional; an empty one
// counts as not given. Certificates and keys are PEM texts.
type Config struct {
	ConfigPath           string
	ConfigPaths          []string
	Context              string
	Host                 string
	Token                string
	ClientCertificate    string
	ClientKey            string
	ClusterCACertificate string
	Insecure             bool
	TLSServerName        string
	ProxyURL             string
	Exec                 *Exec
	Impersonate          *Impersonate
	// Version is the version of the provider, for the user agent.
	Version string
}

// Exec is a program that prints credentials
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
type Exec struct {
	APIVersion string
	Command    string
	Args       []string
	Env        map[string]string
}

// Impersonate is the user to act as
// (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/).
type Impersonate struct {
	User   string
	UID    string
	Groups []string
	Extra  map[string][]string
}

// ConfigError says why no connection can be made from the configuration.
type ConfigError struct {
	// Attribute is the attribute that is wrong or missing, named as in the
	// provider's kubernetes block ("config_path", "exec.command"), or empty
	// when no single attribute is to blame.
	Attribute string
	// Problem is a sentence.
	Problem string
	// Tried are the sources that were looked at, in order, each with its
	// outcome ("KUBECONFIG is not set").
	Tried []string
}

func (e *ConfigError) Error() string {
	if len(e.Tried) == 0 {
		return e.Problem
	}
	return e.Problem + " Tried: " + strings.Join(e.Tried, "; ") + "."
}

// Connect resolves the configuration and prepares a client. It reads files and
// environment variables but contacts nothing. The first source that exists
// wins: the given paths or host, the files of KUBECONFIG, ~/.kube/config, the
// service account of the pod. The other fields then override what the source
// says. There is no default host: a configuration that leads nowhere is a
// *ConfigError.
func Connect(cfg Config) (*Client, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	restConfig, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	cfg.override(restConfig)
	client, err := newClient(restConfig, defaultTiming)
	if err != nil {
		return nil, &ConfigError{Problem: fmt.Sprintf("The connection to %s cannot be prepared: %s.", restConfig.Host, err)}
	}
	return client, nil
}

// check finds what is wrong whatever the source of the connection is.
func (cfg Config) check() error {
	wrong := func(attribute, problem string, args ...any) error {
		return &ConfigError{Attribute: attribute, Problem: fmt.Sprintf(problem, args...)}
	}
	if cfg.ConfigPath != "" && len(cfg.ConfigPaths) > 0 {
		return wrong("config_paths", "Only one of config_path and config_paths can be given.")
	}
	if slices.Contains(cfg.ConfigPaths, "") {
		return wrong("config_paths", "An element of config_paths is empty.")
	}
	if cfg.Host != "" {
		if _, _, err := rest.DefaultServerURL(cfg.Host, "", schema.GroupVersion{}, true); err != nil {
			return wrong("host", "The host %q is no URL of an API server: %s.", cfg.Host, err)
		}
	}
	if cfg.ProxyURL != "" {
		if u, err := url.Parse(cfg.ProxyURL); err != nil || u.Host == "" {
			return wrong("proxy_url", "The value of proxy_url is no URL of a proxy, such as http://proxy.example.com:3128.")
		}
	}
	if cfg.ClientCertificate != "" && cfg.ClientKey == "" {
		return wrong("client_key", "client_certificate is given, but client_key is empty.")
	}
	if cfg.ClientKey != "" && cfg.ClientCertificate == "" {
		return wrong("client_certificate", "client_key is given, but client_certificate is empty.")
	}
	if cfg.ClientCertificate != "" {
		if _, err := tls.X509KeyPair([]byte(cfg.ClientCertificate), []byte(cfg.ClientKey)); err != nil {
			return wrong("client_certificate", "client_certificate and client_key are no pair of PEM texts: %s.", err)
		}
	}
	if cfg.ClusterCACertificate != "" {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(cfg.ClusterCACertificate)) {
			return wrong("cluster_ca_certificate", "cluster_ca_certificate holds no certificate in PEM form.")
		}
		if cfg.Insecure {
			return wrong("insecure", "insecure = true contradicts cluster_ca_certificate: give only one of them.")
		}
	}
	if cfg.Exec != nil {
		if cfg.Exec.Command == "" {
			return wrong("exec.command", "exec.command is empty.")
		}
		if !slices.Contains(execVersions, cfg.Exec.APIVersion) {
			return wrong("exec.api_version", "exec.api_version must be one of %s, not %q.", strings.Join(execVersions, ", "), cfg.Exec.APIVersion)
		}
	}
	if i := cfg.Impersonate; i != nil && i.User == "" {
		return wrong("impersonate.user", "impersonate.user is empty; it is needed for the API server to accept the rest of impersonate.")
	}
	return nil
}

// execVersions are the versions of the credential protocol that client-go speaks.
var execVersions = []string{"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}

// resolve picks the source of the connection.
func (cfg Config) resolve() (*rest.Config, error) {
	var tried []string
	switch {
	case cfg.ConfigPath != "":
		return cfg.fromFiles("config_path", []string{cfg.ConfigPath}, true)
	case len(cfg.ConfigPaths) > 0:
		return cfg.fromFiles("config_paths", cfg.ConfigPaths, true)
	case cfg.Host != "":
		// A user's kubeconfig is left out here on purpose: its credentials
		// belong to other servers and must not be sent to this one.
		if cfg.Context != "" {
			return nil, &ConfigError{Attribute: "context", Problem: "context needs config_path or config_paths when host is given."}
		}
		return &rest.Config{Host: cfg.Host}, nil
	}
	tried = append(tried, "none of config_path, config_paths and host is given")

	if list := os.Getenv(clientcmd.RecommendedConfigPathEnvVar); list != "" {
		paths := slices.DeleteFunc(filepath.SplitList(list), func(p string) bool { return p == "" })
		existing := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !exists(p) })
		if len(existing) > 0 {
			return cfg.fromFiles("KUBECONFIG", existing, false)
		}
		tried = append(tried, fmt.Sprintf("KUBECONFIG names files that do not exist (%s)", strings.Join(paths, ", ")))
	} else {
		tried = append(tried, "KUBECONFIG is not set")
		if home, err := os.UserHomeDir(); err != nil {
			tried = append(tried, "there is no home directory with a .kube/config")
		} else if path := filepath.Join(home, ".kube", "config"); exists(path) {
			return cfg.fromFiles("~/.kube/config", []string{path}, false)
		} else {
			tried = append(tried, path+" does not exist")
		}
	}

	inCluster, err := rest.InClusterConfig()
	if err == nil {
		if cfg.Context != "" {
			return nil, &ConfigError{Attribute: "context", Problem: "context is given, but there is no kubeconfig file that could have it.", Tried: tried}
		}
		return inCluster, nil
	}
	if errors.Is(err, rest.ErrNotInCluster) {
		tried = append(tried, "this is no pod (KUBERNETES_SERVICE_HOST is not set)")
	} else {
		tried = append(tried, fmt.Sprintf("the pod's service account cannot be used (%s)", err))
	}
	e := &ConfigError{Problem: "There is no configuration of a Kubernetes cluster.", Tried: tried}
	if cfg.Token != "" || cfg.ClientCertificate != "" || cfg.Exec != nil || cfg.ClusterCACertificate != "" {
		e.Attribute = "host"
		e.Problem = "Credentials for a Kubernetes cluster are given, but host is empty."
	}
	return nil, e
}

// fromFiles merges kubeconfig files by kubectl's rules: the first to set a
// value wins. With strict, each file must exist.
func (cfg Config) fromFiles(source string, paths []string, strict bool) (*rest.Config, error) {
	attribute := ""
	if strict {
		attribute = source
	}
	wrong := func(attribute, problem string, args ...any) error {
		return &ConfigError{
			Attribute: attribute, Problem: fmt.Sprintf(problem, args...),
			Tried: []string{fmt.Sprintf("%s (%s)", source, strings.Join(paths, ", "))},
		}
	}
	rules := &clientcmd.ClientConfigLoadingRules{WarnIfAllMissing: false}
	for _, path := range paths {
		path, err := expandHome(path)
		if err != nil {
			return nil, wrong(attribute, "The path %q cannot be resolved: %s.", path, err)
		}
		if strict && !exists(path) {
			return nil, wrong(attribute, "The kubeconfig file %s does not exist.", path)
		}
		rules.Precedence = append(rules.Precedence, path)
	}
	raw, err := rules.Load()
	if err != nil {
		return nil, wrong(attribute, "The kubeconfig cannot be read: %s.", err)
	}
	name, nameSource := raw.CurrentContext, attribute
	if cfg.Context != "" {
		name, nameSource = cfg.Context, "context"
	}
	if name == "" {
		return nil, wrong("context", "The kubeconfig has no current context and context is empty; %s.", contexts(raw.Contexts))
	}
	selected := raw.Contexts[name]
	if selected == nil {
		return nil, wrong(nameSource, "The kubeconfig has no context %q; %s.", name, contexts(raw.Contexts))
	}
	cluster := raw.Clusters[selected.Cluster]
	if cfg.Host == "" && (cluster == nil || cluster.Server == "") {
		return nil, wrong(attribute, "Context %q of the kubeconfig has no server: its cluster is %q.", name, selected.Cluster)
	}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: name}
	overrides.ClusterInfo.Server = cfg.Host
	if cfg.ClusterCACertificate != "" || cfg.Insecure {
		// Without this, client-go would refuse the combination of the file's
		// authority and insecure, or prefer the one in the file.
		clearAuthority(raw.Clusters[selected.Cluster])
	}
	restConfig, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, overrides, rules).ClientConfig()
	if err != nil {
		return nil, wrong(attribute, "Context %q of the kubeconfig cannot be used: %s.", name, err)
	}
	return restConfig, nil
}

// override puts the fields of the block over what its source says.
func (cfg Config) override(c *rest.Config) {
	version := cfg.Version
	if version == "" {
		version = "dev"
	}
	c.UserAgent = FieldManager + "/" + version
	if cfg.ClusterCACertificate != "" {
		c.CAFile, c.CAData = "", []byte(cfg.ClusterCACertificate)
	}
	if cfg.Insecure {
		c.Insecure, c.CAFile, c.CAData = true, "", nil
	}
	if cfg.TLSServerName != "" {
		c.ServerName = cfg.TLSServerName
	}
	if cfg.ProxyURL != "" {
		// check has parsed it already.
		if u, err := url.Parse(cfg.ProxyURL); err == nil {
			c.Proxy = http.ProxyURL(u)
		}
	}
	if cfg.Token != "" || cfg.ClientCertificate != "" || cfg.Exec != nil {
		// A way of authentication replaces the one of the kubeconfig.
		c.BearerToken, c.BearerTokenFile, c.Username, c.Password = "", "", "", ""
		c.CertFile, c.CertData, c.KeyFile, c.KeyData = "", nil, "", nil
		c.ExecProvider, c.AuthProvider = nil, nil
	}
	c.BearerToken = first(cfg.Token, c.BearerToken)
	if cfg.ClientCertificate != "" {
		c.CertData, c.KeyData = []byte(cfg.ClientCertificate), []byte(cfg.ClientKey)
	}
	if cfg.Exec != nil {
		c.ExecProvider = &clientcmdapi.ExecConfig{
			APIVersion: cfg.Exec.APIVersion,
			Command:    cfg.Exec.Command,
			Args:       slices.Clone(cfg.Exec.Args),
		}
		for _, name := range slices.Sorted(maps.Keys(cfg.Exec.Env)) {
			c.ExecProvider.Env = append(c.ExecProvider.Env, clientcmdapi.ExecEnvVar{Name: name, Value: cfg.Exec.Env[name]})
		}
	}
	if c.ExecProvider != nil {
		// Terraform owns the terminal; a plugin that asks there would hang.
		c.ExecProvider.InteractiveMode = clientcmdapi.NeverExecInteractiveMode
		c.ExecProvider.StdinUnavailable = true
		c.ExecProvider.StdinUnavailableMessage = "Terraform runs providers without a terminal"
	}
	if i := cfg.Impersonate; i != nil {
		c.Impersonate = rest.ImpersonationConfig{UserName: i.User, UID: i.UID, Groups: i.Groups, Extra: i.Extra}
	}
}

func contexts(all map[string]*clientcmdapi.Context) string {
	if len(all) == 0 {
		return "it has no contexts at all"
	}
	return "it has " + strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}

func clearAuthority(cluster *clientcmdapi.Cluster) {
	if cluster != nil {
		cluster.CertificateAuthority, cluster.CertificateAuthorityData, cluster.InsecureSkipTLSVerify = "", nil, false
	}
}

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // the path is the user's own, from the configuration or KUBECONFIG
	return !errors.Is(err, fs.ErrNotExist)
}

func expandHome(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || (rest != "" && rest[0] != '/' && rest[0] != filepath.Separator) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path, err
	}
	return filepath.Join(home, rest), nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
