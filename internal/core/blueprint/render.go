package blueprint

import (
	"bytes"
	_ "embed" // the schema of the document
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const (
	// DocumentFolder is where the application document and the values of Secrets are mounted.
	DocumentFolder = "/etc/flink-application"
	// DocumentFile is the application document in it, and the key of the Secret that holds it.
	DocumentFile = "application.json"

	schemaVersion = 1
)

// DocumentSchema is the JSON Schema (draft 2020-12) of the application document.
//
//go:embed application-document-v1.schema.json
var DocumentSchema []byte

// Connections are the services of the environment that jobs reach, nil for none.
type Connections struct {
	Kafka    *defaults.Kafka
	Registry *defaults.SchemaRegistry
}

// Rendering is an application on its way to deployments: the topics of its ports are
// looked up once.
type Rendering struct {
	app    Application
	on     Connections
	joints joints
}

// Render prepares an application that Check finds no error in.
func (a Application) Render(on Connections) Rendering { return Rendering{a, on, a.joints()} }

// UnknownError tells that what a streamlet is told is not known yet.
type UnknownError struct {
	// Path leads to what is not known.
	Path flink.Path
}

func (e *UnknownError) Error() string {
	return strings.Join(e.Path, ".") + " is not known yet"
}

// document is what a streamlet is told. Its JSON Schema is DocumentSchema.
type document struct {
	SchemaVersion  int                     `json:"schema_version"`
	Application    string                  `json:"application"`
	Streamlet      string                  `json:"streamlet"`
	Config         map[string]string       `json:"config"`
	ConfigFiles    map[string]string       `json:"config_files"`
	Inlets         map[string]documentPort `json:"inlets"`
	Outlets        map[string]documentPort `json:"outlets"`
	Kafka          *documentKafka          `json:"kafka,omitempty"`
	Connections    *documentConnections    `json:"connections,omitempty"`
	SchemaRegistry *documentRegistry       `json:"schema_registry,omitempty"`
}

type documentPort struct {
	Topic   string          `json:"topic"`
	Schema  json.RawMessage `json:"schema,omitempty"`
	Subject string          `json:"subject,omitempty"`
}

type documentKafka struct {
	BootstrapServers string        `json:"bootstrap_servers"`
	SecurityProtocol string        `json:"security_protocol"`
	SASL             *documentSASL `json:"sasl,omitempty"`
	TLS              *documentTLS  `json:"tls,omitempty"`
}

// documentConnections says where the brokers and the names of the topics are that the platform tells
// the pods itself.
type documentConnections struct {
	Format string `json:"format"`
	File   string `json:"file"`
}

type documentSASL struct {
	Mechanism        string  `json:"mechanism"`
	UsernameFile     string  `json:"username_file,omitempty"`
	PasswordFile     string  `json:"password_file,omitempty"`
	ClientIDFile     string  `json:"client_id_file,omitempty"`
	ClientSecretFile string  `json:"client_secret_file,omitempty"`
	TokenURL         *string `json:"token_url,omitempty"`
	Scope            *string `json:"scope,omitempty"`
}

type documentTLS struct {
	CAFile          string `json:"ca_file,omitempty"`
	CertificateFile string `json:"certificate_file,omitempty"`
	KeyFile         string `json:"key_file,omitempty"`
}

type documentRegistry struct {
	URL          string `json:"url"`
	Format       string `json:"format"`
	UsernameFile string `json:"username_file,omitempty"`
	PasswordFile string `json:"password_file,omitempty"`
	TokenFile    string `json:"token_file,omitempty"`
	CAFile       string `json:"ca_file,omitempty"`
}

// Document is the application document of a streamlet: stable JSON text, the same for
// the same meaning but for the layout of schemas, whose keys keep their order. It has no
// secret in it, but the paths of the files into which Mounts brings them. The error is an
// *UnknownError where a topic's name or a schema is not known yet.
func (r Rendering) Document(streamlet string) ([]byte, error) {
	s := r.app.Streamlets[streamlet]
	d := document{
		SchemaVersion: schemaVersion, Application: r.app.Name, Streamlet: streamlet,
		Config: s.Config, ConfigFiles: make(map[string]string, len(s.ConfigSecrets)),
	}
	if d.Config == nil {
		d.Config = map[string]string{}
	}
	for key, ref := range s.ConfigSecrets {
		d.ConfigFiles[key] = secretFile(ref.Secret, ref.Key)
	}
	var err error
	if d.Inlets, err = r.ports(streamlet, inlet); err != nil {
		return nil, err
	}
	if d.Outlets, err = r.ports(streamlet, outlet); err != nil {
		return nil, err
	}
	if r.connects(streamlet) {
		d.Kafka, d.Connections, d.SchemaRegistry = kafkaOf(r.on.Kafka), connectionsOf(r.on.Kafka), registryOf(r.on.Registry)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	// People read it.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("encode the application document of %q: %w", streamlet, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// connects tells whether a streamlet has a port, and so needs brokers.
func (r Rendering) connects(streamlet string) bool {
	s := r.app.Streamlets[streamlet]
	return len(s.Inlets)+len(s.Outlets) > 0
}

// ports are those of a side that a topic joins, as the document tells them.
func (r Rendering) ports(streamlet string, at side) (map[string]documentPort, error) {
	ports := r.app.Streamlets[streamlet].ports(at)
	out := make(map[string]documentPort, len(ports))
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		e := end{streamlet, name, at}
		topics := r.joints.topicsOf[e]
		if len(topics) == 0 {
			continue
		}
		topic, p := r.app.Topics[topics[0]], ports[name]
		switch {
		case topic.NameUnknown:
			return nil, &UnknownError{flink.Path{"topics", topics[0], "topic_name"}}
		case p.Unknown:
			return nil, &UnknownError{e.path("schema")}
		}
		told := documentPort{Topic: topic.Named(topics[0]), Subject: p.Subject}
		switch {
		case p.Schema == "":
		case json.Valid([]byte(p.Schema)):
			told.Schema = json.RawMessage(p.Schema)
		default:
			// The name of a primitive type may stand without quotes.
			told.Schema, _ = json.Marshal(strings.TrimSpace(p.Schema)) //nolint:errchkjson // a string
		}
		out[name] = told
	}
	return out, nil
}

// The file in which a platform tells the pods where brokers and topics are, and its format: the
// App Common Config of Red Hat Insights (https://github.com/RedHatInsights/clowder), which is called so by
// the variable ACG_CONFIG too.
const (
	connectionsFormat = "cdappconfig"
	connectionsFile   = "/cdapp/cdappconfig.json"
)

// connectionsOf is where the brokers are that no environment of the provider's can name.
func connectionsOf(k *defaults.Kafka) *documentConnections {
	if k == nil || k.Provider != defaults.KafkaEnvironment {
		return nil
	}
	return &documentConnections{connectionsFormat, connectionsFile}
}

func kafkaOf(k *defaults.Kafka) *documentKafka {
	if k == nil || k.Provider == defaults.KafkaEnvironment {
		return nil
	}
	out := &documentKafka{BootstrapServers: k.BootstrapServers, SecurityProtocol: "PLAINTEXT"}
	switch {
	case k.SASL != nil && k.TLS != nil:
		out.SecurityProtocol = "SASL_SSL"
	case k.SASL != nil:
		out.SecurityProtocol = "SASL_PLAINTEXT"
	case k.TLS != nil:
		out.SecurityProtocol = "SSL"
	}
	if s := k.SASL; s != nil {
		out.SASL = &documentSASL{Mechanism: s.Mechanism, TokenURL: s.TokenURL, Scope: s.Scope}
		if s.Mechanism == mechanismOAuth {
			out.SASL.ClientIDFile, out.SASL.ClientSecretFile = secretFile(s.Secret, keyClientID), secretFile(s.Secret, keyClientSecret)
		} else {
			out.SASL.UsernameFile, out.SASL.PasswordFile = secretFile(s.Secret, keyUsername), secretFile(s.Secret, keyPassword)
		}
	}
	if t := k.TLS; t != nil {
		out.TLS = &documentTLS{CAFile: refFile(t.CA)}
		if t.ClientSecret != nil {
			out.TLS.CertificateFile, out.TLS.KeyFile = secretFile(*t.ClientSecret, keyCertificate), secretFile(*t.ClientSecret, keyPrivate)
		}
	}
	return out
}

func registryOf(s *defaults.SchemaRegistry) *documentRegistry {
	if s == nil {
		return nil
	}
	out := &documentRegistry{URL: s.URL, Format: "confluent", CAFile: refFile(s.CA)}
	if s.Format != nil {
		out.Format = *s.Format
	}
	if s.Secret != nil {
		out.UsernameFile, out.PasswordFile, out.TokenFile = secretFile(*s.Secret, keyUsername), secretFile(*s.Secret, keyPassword), secretFile(*s.Secret, keyToken)
	}
	return out
}

// secretFile is where a value of a Secret is in the container.
func secretFile(secret, key string) string {
	return path.Join(DocumentFolder, secretsFolder, secret, key)
}

func refFile(ref *flink.SecretRef) string {
	if ref == nil {
		return ""
	}
	return secretFile(ref.Secret, ref.Key)
}
