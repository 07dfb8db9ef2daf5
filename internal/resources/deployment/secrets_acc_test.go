package deployment_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var (
	secretsKind    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	configMapsKind = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// planting is a configuration with secrets wherever one can be.
type planting struct {
	f *fixture
	c *cli
	// secrets are what must not be found.
	secrets []string
}

// plant returns a configuration with another secret in each place. What a person
// wrote by the name of a sensitive variable, Terraform hides itself.
func (p *planting) plant(generation int, writeOnly bool) string {
	secret := func(place string) string {
		value := fmt.Sprintf("planted-%s-%d-zzz", place, generation)
		p.secrets = append(p.secrets, value)
		return value
	}
	var variables strings.Builder
	variable := func(place string) string {
		name := strings.ReplaceAll(place, "-", "_")
		ephemeral := ""
		if place == "wo" {
			ephemeral = "  ephemeral = true\n"
		}
		fmt.Fprintf(&variables, "variable %q {\n  type = string\n  sensitive = true\n%s  default = %q\n}\n", name, ephemeral, secret(place))
		return "var." + name
	}
	changed := attributes{
		"flink_configuration":  configuration(`"my.password" = `+variable("key"), `"env.java.opts.all" = "-Da=b -Dx.password=${`+variable("java")+`}"`),
		"job":                  `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2, args = ["--db-password", ` + variable("arg") + `, "--topic", "orders"] }`,
		"pod_template":         `yamlencode({ spec = { containers = [{ name = "flink-main-container", env = [{ name = "DB_PASSWORD", value = ` + variable("env") + ` }, { name = "PLAIN", value = ` + variable("plain") + ` }] }] } })`,
		"secret_configuration": `{ "fs.azure.account.key.acc.blob.core.windows.net" = { secret = "azure", key = "key" } }`,
	}
	if writeOnly {
		changed["secret_configuration_wo"] = `{ "s3.secret-key" = ` + variable("wo") + ` }`
		changed["secret_configuration_wo_version"] = fmt.Sprint(generation)
	}
	config := p.f.config(changed)
	if p.f.manager != nil {
		config = strings.Replace(config, "confluent = {", fmt.Sprintf("confluent = { token = %q,", managerToken), 1)
	}
	return config + variables.String()
}

// search reports the secrets that a text has.
func (p *planting) search(where, text string) {
	p.f.t.Helper()
	for _, secret := range p.secrets {
		if at := strings.Index(text, secret); at >= 0 {
			p.f.t.Errorf("%s has %s: …%s…", where, secret, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}

// searchJSON searches a plan or a state, apart from the attributes in which a
// person wrote the secrets, which Terraform itself hides from people and not from
// programs, and decodes what is private.
func (p *planting) searchJSON(where string, text []byte) {
	p.f.t.Helper()
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		p.f.t.Fatalf("%s: %s", where, err)
	}
	stripped, err := json.Marshal(strip(document))
	if err != nil {
		p.f.t.Fatal(err)
	}
	if !bytes.Contains(stripped, []byte("effective_spec")) {
		p.f.t.Errorf("%s has no effective_spec: %s", where, stripped)
	}
	p.search(where, string(stripped))
}

// ownDrift matches the lines in which OpenTofu itself logs that a refresh has
// changed an attribute of a person, with the values: a provider cannot prevent it.
var ownDrift = regexp.MustCompile(`(?m)^ +- \.(flink_configuration|pod_template|job)\b.*: was .*, but now .*$`)

// written are the attributes of a person, and the variables of a plan.
var written = []string{"flink_configuration", "pod_template", "job", "variables", "configuration"}

func strip(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range value {
			if slices.Contains(written, key) {
				continue
			}
			if text, ok := inner.(string); ok && key == "private" {
				inner = decoded(text)
			}
			out[key] = strip(inner)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, inner := range value {
			out[i] = strip(inner)
		}
		return out
	}
	return value
}

// decoded returns a private state: JSON of encoded JSON.
func decoded(text string) string {
	outer, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return text
	}
	var values map[string][]byte
	if json.Unmarshal(outer, &values) != nil {
		return string(outer)
	}
	var all strings.Builder
	for key, value := range values {
		all.WriteString(key + ": " + string(value) + "\n")
	}
	return all.String()
}

// files searches the saved plan, the state and the log, and what the cluster has
// for everybody.
func (p *planting) files(plan string) {
	p.f.t.Helper()
	for _, name := range []string{"log", "terraform.tfstate"} {
		content, err := os.ReadFile(filepath.Join(p.c.Dir, name))
		if err != nil {
			p.f.t.Fatal(err)
		}
		if name == "log" {
			p.search(name, ownDrift.ReplaceAllString(string(content), ""))
		} else {
			p.searchJSON(name, content)
		}
	}
	cmd := exec.CommandContext(p.f.t.Context(), p.c.Binary, "show", "-json", plan)
	cmd.Dir, cmd.Env = p.c.Dir, p.c.Env
	text, err := cmd.Output()
	if err != nil {
		p.f.t.Fatal(err)
	}
	p.searchJSON("the plan as JSON", text)
	maps, err := p.f.cluster.Client.Resource(configMapsKind).Namespace(p.f.namespace).List(p.f.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.f.t.Fatal(err)
	}
	for _, object := range maps.Items {
		if object.GetLabels()["app.kubernetes.io/managed-by"] != "" {
			p.search("ConfigMap "+object.GetName(), fmt.Sprint(object.Object))
		}
	}
}

// round plans and applies.
func (p *planting) round(config string) string {
	p.f.t.Helper()
	p.c.write(config)
	output := p.c.run("plan", "-input=false", "-out=plan")
	output += p.c.run("show", "plan") + p.c.run("apply", "-input=false", "plan") + p.c.run("show")
	p.search("the output", output)
	p.files("plan")
	return output
}

// TestAccNoSecretLeaks plants secrets and looks for them in all that a run leaves
// behind.
func TestAccNoSecretLeaks(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{acctest.Newest(), onConfluent} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			noSecretLeaks(t, newFixture(t, platform))
		})
	}
}

func noSecretLeaks(t *testing.T, f *fixture) {
	t.Helper()
	c := newCLI(t)
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.Dir, "log"))
	p := &planting{f: f, c: c, secrets: credentials(t, f)}
	if len(p.secrets) == 0 {
		t.Fatal("the provider has no credentials")
	}
	writeOnly := f.manager == nil && c.takesWriteOnly()

	p.round(p.plant(1, writeOnly))
	if writeOnly {
		f.expectSecret("orders-secret-configuration-1", "planted-wo-1-zzz")
	}
	if env, _, _ := unstructured.NestedString(f.live().Object, "spec", "flinkConfiguration", "my.password"); env != "planted-key-1-zzz" {
		t.Errorf("the cluster has %q", env)
	}
	c.expectNothingLeft()

	output := p.round(p.plant(2, writeOnly))
	expectText(t, output, `my.password\"] changed`)
	if writeOnly {
		f.expectSecret("orders-secret-configuration-2", "planted-wo-2-zzz")
		f.expectSecret("orders-secret-configuration-1", "")
	}
	c.expectNothingLeft()

	// Somebody else changes a secret.
	p.secrets = append(p.secrets, "planted-theirs-zzz")
	if f.manager != nil {
		f.edited(func(spec map[string]any) {
			configuration, _ := spec["flinkConfiguration"].(map[string]any)
			configuration["my.password"] = "planted-theirs-zzz"
		})
	} else {
		f.patch(`{"spec":{"flinkConfiguration":{"my.password":"planted-theirs-zzz"}}}`)
	}
	output = c.run("plan", "-input=false", "-out=plan") + c.run("show", "plan")
	p.search("the output", output)
	expectText(t, output, `my.password\"] changed`)
	p.files("plan")
	c.run("apply", "-input=false", "plan")

	p.search("the output", c.run("destroy", "-auto-approve", "-input=false"))
	if writeOnly {
		f.expectSecret("orders-secret-configuration-2", "")
	}
}

// managerToken is for a server that asks for none.
const managerToken = "planted-token-zzz"

// credentials are the ones by which the provider speaks with the platform.
func credentials(t *testing.T, f *fixture) []string {
	t.Helper()
	if f.manager != nil {
		return []string{managerToken}
	}
	var secrets []string
	if f.cluster.Token != "" {
		secrets = append(secrets, f.cluster.Token)
	}
	if key, err := os.ReadFile(f.cluster.ClientKey); err == nil {
		secrets = append(secrets, strings.Split(string(key), "\n")[1], base64.StdEncoding.EncodeToString(key))
	}
	return secrets
}

// takesWriteOnly tells whether the CLI knows write-only attributes.
func (c *cli) takesWriteOnly() bool {
	c.t.Helper()
	var told struct {
		Version string `json:"terraform_version"`
	}
	cmd := exec.CommandContext(c.t.Context(), c.Binary, "version", "-json")
	cmd.Dir, cmd.Env = c.Dir, c.Env
	output, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(output, &told)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return version.Must(version.NewVersion(told.Version)).Core().GreaterThanOrEqual(version.Must(version.NewVersion("1.11.0")))
}

// expectSecret checks what the provider's Secret has; nothing for an absent one.
func (f *fixture) expectSecret(name, value string) {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(secretsKind).Namespace(f.namespace).Get(f.t.Context(), name, metav1.GetOptions{})
	if value == "" {
		if !apierrors.IsNotFound(err) {
			f.t.Errorf("the Secret %s is there: %v", name, err)
		}
		return
	}
	if err != nil {
		f.t.Fatal(err)
	}
	text, _, _ := unstructured.NestedString(object.Object, "data", "s3.secret-key")
	if got, _ := base64.StdEncoding.DecodeString(text); string(got) != value {
		f.t.Errorf("the Secret %s has %q", name, got)
	}
	refs, _, _ := unstructured.NestedString(f.live().Object, "spec", "flinkConfiguration", "kubernetes.env.secretKeyRef")
	if !strings.Contains(refs, "env:FLINK_SECRET_S3_SECRET_KEY,secret:"+name+",key:s3.secret-key") {
		f.t.Errorf("the deployment has %q", refs)
	}
}
