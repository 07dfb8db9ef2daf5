package flink

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const planted = "hunter2-planted"

func encoded(t *testing.T, tree Tree) string {
	t.Helper()
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The fingerprints are of "hunter2-planted" and the owner "operator/shop/orders".
func TestRedact(t *testing.T) {
	for _, test := range []struct{ name, spec, want string }{
		{"key", `{"flinkConfiguration":{"s3.secret-key":"hunter2-planted","s3.endpoint":"http://s3"}}`, `{"flinkConfiguration":{"s3.endpoint":"http://s3","s3.secret-key":"(…)"}}`},
		{"key in capitals", `{"flinkConfiguration":{"my.PassWord":"hunter2-planted"}}`, `{"flinkConfiguration":{"my.PassWord":"(…)"}}`},
		{"nested configuration", `{"flinkConfiguration":{"s3":{"secret-key":"hunter2-planted"},"parallelism":{"default":2}}}`, `{"flinkConfiguration":{"parallelism":{"default":2},"s3":{"secret-key":"(…)"}}}`},
		{"number", `{"flinkConfiguration":{"a.password":12345678}}`, `{"flinkConfiguration":{"a.password":"(…)"}}`},
		{"list", `{"flinkConfiguration":{"a.tokens":["hunter2-planted","b"]}}`, `{"flinkConfiguration":{"a.tokens":"(…)"}}`},
		{"switch", `{"flinkConfiguration":{"security.kerberos.fetch.delegation-token":"false"}}`, `{"flinkConfiguration":{"security.kerberos.fetch.delegation-token":"false"}}`},
		{"reference", `{"flinkConfiguration":{"kubernetes.secrets":"s3:/etc/s3","security.delegation.tokens.renewal.retry.backoff":"1h"}}`, `{"flinkConfiguration":{"kubernetes.secrets":"s3:/etc/s3","security.delegation.tokens.renewal.retry.backoff":"1h"}}`},
		{"environment through Flink", `{"flinkConfiguration":{"containerized.master.env.AWS_SECRET_ACCESS_KEY":"hunter2-planted"}}`, `{"flinkConfiguration":{"containerized.master.env.AWS_SECRET_ACCESS_KEY":"(…)"}}`},
		{"Java option", `{"flinkConfiguration":{"env.java.opts.all":"-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2-planted -Da=b"}}`, `{"flinkConfiguration":{"env.java.opts.all":"-Xmx1g -Djavax.net.ssl.keyStorePassword=(…) -Da=b"}}`},
		{
			"pod template", `{"podTemplate":{"spec":{"containers":[{"name":"m","image":"i","env":[{"name":"A","value":"hunter2-planted"},{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}}}`,
			`{"podTemplate":{"spec":{"containers":[{"env":[{"name":"A","value":"(…)"},{"name":"B","valueFrom":{"secretKeyRef":{"key":"k","name":"s"}}}],"image":"i","name":"m"}]}}}`,
		},
		{
			"inner pod template", `{"jobManager":{"podTemplate":{"spec":{"initContainers":[{"env":[{"name":"A","value":"hunter2-planted"}],"args":["--token","hunter2-planted"]}]}}}}`,
			`{"jobManager":{"podTemplate":{"spec":{"initContainers":[{"args":["--token","(…)"],"env":[{"name":"A","value":"(…)"}]}]}}}}`,
		},
		{
			"arguments", `{"job":{"args":["--db.password","hunter2-planted","--topic","orders","--token=hunter2-planted","-Ds3.secret-key=hunter2-planted","jdbc:postgresql://u:hunter2-planted@db/x","--verbose"]}}`,
			`{"job":{"args":["--db.password","(…)","--topic","orders","--token=(…)","-Ds3.secret-key=(…)","jdbc:postgresql://u:(…)@db/x","--verbose"]}}`,
		},
		{"flag without a value", `{"job":{"args":["--use-token","--topic","a"]}}`, `{"job":{"args":["--use-token","--topic","a"]}}`},
		{
			"log configuration", `{"logConfiguration":{"log4j.properties":"a.level = INFO\nk.password = hunter2-planted\n# k.password = see the vault"}}`,
			`{"logConfiguration":{"log4j.properties":"a.level = INFO\nk.password = (…)\n# k.password = see the vault"}}`,
		},
		{
			"words of Ververica Platform", `{"ververica":{"deploymentTemplate":{"spec":{"artifact":{"mainArgs":"--topic a --db-password hunter2-planted --token=hunter2-planted"},"kubernetes":{"pods":{"envVars":[{"name":"A","value":"hunter2-planted"}],"labels":{"a":"b"}},"taskManagerPodTemplate":{"spec":{"containers":[{"env":[{"name":"A","value":"hunter2-planted"}]}]}}}}}}}`,
			`{"ververica":{"deploymentTemplate":{"spec":{"artifact":{"mainArgs":"--topic a --db-password (…) --token=(…)"},"kubernetes":{"pods":{"envVars":[{"name":"A","value":"(…)"}],"labels":{"a":"b"}},"taskManagerPodTemplate":{"spec":{"containers":[{"env":[{"name":"A","value":"(…)"}]}]}}}}}}}`,
		},
		{"nothing", `{"image":"a:1","metadata":{"labels":{"a":"b"}}}`, `{"image":"a:1","metadata":{"labels":{"a":"b"}}}`},
		{"empty", `{"flinkConfiguration":{"a.password":""}}`, `{"flinkConfiguration":{"a.password":""}}`},
		{
			"odd shapes", `{"flinkConfiguration":null,"podTemplate":{"spec":7},"job":{"args":[7,null]},"jobManager":7,"logConfiguration":{"a":7}}`,
			`{"flinkConfiguration":null,"job":{"args":[7,null]},"jobManager":7,"logConfiguration":{"a":7},"podTemplate":{"spec":7}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := Redactor{Owner: "operator/shop/orders"}
			spec := parsed(t, test.spec)
			before := encoded(t, spec)
			redacted := r.Redact(spec)
			got := encoded(t, redacted)
			if shown := fingerprintForm.ReplaceAllString(got, "(…)"); shown != test.want {
				t.Errorf("redacted\n%s\nwant\n%s", shown, test.want)
			}
			if again := encoded(t, r.Redact(redacted)); again != got {
				t.Errorf("redacted twice\n%s\nonce\n%s", again, got)
			}
			if encoded(t, spec) != before {
				t.Error("the argument has changed")
			}
			if HasFingerprints(redacted) != strings.Contains(test.want, "(…)") {
				t.Error("HasFingerprints is wrong")
			}
			if back := r.Restore(redacted, Tree{}, spec); !Equal(back, spec) {
				t.Errorf("restored\n%s", encoded(t, back))
			}
			if back := Reveal(redacted, spec); !Equal(back, spec) {
				t.Errorf("revealed\n%s", encoded(t, back))
			}
		})
	}
}

func TestFingerprintsTellSecretsApart(t *testing.T) {
	of := func(owner, key, value string) any {
		redacted := Redactor{Owner: owner}.Redact(Tree{"flinkConfiguration": Tree{key: value}})
		return redacted["flinkConfiguration"].(Tree)[key]
	}
	first := of("a", "s3.secret-key", planted)
	for name, other := range map[string]any{
		"another value":  of("a", "s3.secret-key", planted+"x"),
		"another owner":  of("b", "s3.secret-key", planted),
		"another secret": of("a", "s3.session-token", planted),
	} {
		if first == other {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	if first != of("a", "s3.secret-key", planted) {
		t.Error("the fingerprint is not stable")
	}
}

func TestRestoreTakesTheFirstWithTheFingerprint(t *testing.T) {
	r := Redactor{Owner: "a"}
	spec := func(value string) Tree { return Tree{"flinkConfiguration": Tree{"a.password": value, "b": "1"}} }
	redacted := r.Redact(spec("one"))
	if got := r.Restore(redacted, spec("two")); !HasFingerprints(got) {
		t.Errorf("restored from another value: %v", got)
	}
	if diff := cmp.Diff(spec("one"), r.Restore(redacted, spec("two"), spec("one"))); diff != "" {
		t.Error(diff)
	}
	if got := Reveal(redacted, Tree{}); !HasFingerprints(got) {
		t.Errorf("revealed from nothing: %v", got)
	}
	live := Tree{"flinkConfiguration": Tree{"a": Tree{"password": "drifted"}, "b": "2"}}
	if diff := cmp.Diff(spec("drifted"), Reveal(redacted, live)); diff != "" {
		t.Error(diff)
	}
}

// No planted value survives, wherever in a specification it stands.
func TestNoSecretSurvives(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		secret := "planted-" + strings.Repeat(string(rune('a'+random.IntN(26))), 4+random.IntN(8)) + "-value"
		spec := randomSecrets(random, secret)
		r := Redactor{Owner: "operator/shop/orders"}
		redacted := r.Redact(spec)
		if text := encoded(t, redacted); strings.Contains(text, secret) {
			t.Fatalf("seed %d: %s", seed, text)
		}
		for _, change := range Diff(redacted, r.Redact(randomSecrets(random, secret+"2"))) {
			if strings.Contains(change.Path.Attribute(), secret) {
				t.Fatalf("seed %d: %s", seed, change.Path.Attribute())
			}
		}
		if back := r.Restore(redacted, spec); !Equal(back, spec) {
			t.Fatalf("seed %d: restored %s, want %s", seed, encoded(t, back), encoded(t, spec))
		}
	}
}

func randomSecrets(random *rand.Rand, secret string) Tree {
	pick := func(options ...string) string { return options[random.IntN(len(options))] }
	container := func() any {
		return Tree{"name": "c", "env": []any{
			Tree{"name": pick("PATH", "DB_PASSWORD"), "value": secret},
			Tree{"name": "OTHER", "value": "x" + secret},
		}, "args": []any{pick("--password", "--auth-token"), secret, "--secret=" + secret}}
	}
	key := pick("s3.secret-key", "s3.secret.key", "fs.azure.account.key.acc.blob.core.windows.net", "security.ssl.rest.key-password",
		"metrics.reporter.dd.APIKEY", "high-availability.zookeeper.client.token", "containerized.taskmanager.env.GITHUB_TOKEN", "x.api-key")
	var configuration any = Tree{key: secret, "b": "1", "env.java.opts.jobmanager": "-Dx.password=" + secret + " -Dy=1"}
	if random.IntN(2) == 0 {
		first, rest, _ := strings.Cut(key, ".")
		configuration = Tree{first: Tree{rest: secret}}
	}
	template := Tree{"spec": Tree{pick("containers", "initContainers"): []any{container(), container()}}}
	spec := Tree{
		"flinkConfiguration": configuration,
		"job":                Tree{"args": []any{"--password", secret, "--url", "amqp://u:" + secret + "@h/", "-Dq.token=" + secret}},
		"logConfiguration":   Tree{"log4j.properties": "x.password=" + secret + "\r\ny=1"},
	}
	switch random.IntN(3) {
	case 0:
		spec["podTemplate"] = template
	case 1:
		spec["jobManager"] = Tree{"podTemplate": template}
	default:
		spec["taskManager"] = Tree{"podTemplate": template}
	}
	return spec
}

func FuzzRedact(f *testing.F) {
	f.Add("s3.secret-key", "hunter2-planted")
	f.Add("a.password", "(sensitive:0")
	f.Add("x.token", "a=b password=c")
	f.Fuzz(func(t *testing.T, key, secret string) {
		if !sensitiveValue(key, secret) || fingerprintForm.MatchString(secret) {
			return
		}
		spec := Tree{
			"flinkConfiguration": Tree{key: secret},
			"podTemplate":        Tree{"spec": Tree{"containers": []any{Tree{"env": []any{Tree{"name": key, "value": secret}}}}}},
		}
		r := Redactor{Owner: key}
		redacted := r.Redact(spec)
		for _, value := range []any{
			redacted["flinkConfiguration"].(Tree)[key],
			redacted["podTemplate"].(Tree)["spec"].(Tree)["containers"].([]any)[0].(Tree)["env"].([]any)[0].(Tree)["value"],
		} {
			if text, _ := value.(string); fingerprintForm.FindString(text) != text {
				t.Fatalf("%q of %q is %v", secret, key, value)
			}
		}
		if diff := cmp.Diff(spec, r.Restore(redacted, spec)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSecretVariables(t *testing.T) {
	template := Document(parsed(t, `{"spec":{"containers":[{"env":[
		{"name":"AWS_SECRET_ACCESS_KEY","value":"x"},{"name":"DB_PASSWORD","value":"x"},{"name":"TOKEN","value":"x"},{"name":"api_key","value":"x"},
		{"name":"PASSWORD_FILE","value":"/etc/x"},{"name":"TOKEN_TTL","value":"5"},{"name":"SECRET_NAME","value":"x"},{"name":"MONKEY","value":"x"},
		{"name":"EMPTY_PASSWORD","value":""},{"name":"REF_PASSWORD","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}}`))
	if diff := cmp.Diff([]string{"AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "TOKEN", "api_key"}, SecretVariables(template)); diff != "" {
		t.Error(diff)
	}
}

func TestSensitiveConfiguration(t *testing.T) {
	text := func(value string) *string { return &value }
	got := SensitiveConfiguration(Configuration{
		"s3.secret-key": text("x"), "s3.access-key": text("x"), "a.password": text(""), "b.password": nil, "x.apikey": text("y"),
		"env.java.opts.all": text("-Djavax.net.ssl.keyStorePassword=x -Da=b"), "env.java.opts.client": text("-Da=b"),
		"kubernetes.env.secretKeyRef": text("env:A,secret:s,key:k"),
	})
	if diff := cmp.Diff([]string{"env.java.opts.all", "s3.secret-key", "x.apikey"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestScrub(t *testing.T) {
	spec := parsed(t, `{"flinkConfiguration":{"a.password":"hunter2-long","b.password":"hunter2","c.password":"on1","s3.endpoint":"endpoint"},
		"job":{"args":["amqp://u:rabbits@h/"]},
		"podTemplate":{"spec":{"containers":[{"env":[{"name":"LOG_LEVEL","value":"stdout"},{"name":"DB_PASSWORD","value":"letmein"}]}]}}}`)
	r := Redactor{Owner: "a"}
	got := r.Scrubber(spec).Scrub("hunter2-long and hunter2, endpoint, on1, stdout, letmein, rabbits")
	if shown := fingerprintForm.ReplaceAllString(got, "(…)"); shown != "(…) and (…), endpoint, on1, stdout, (…), (…)" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"hunter2", "hunter2-long", "letmein", "rabbits"}, r.Secrets(spec)); diff != "" {
		t.Error(diff)
	}
	if got := r.Scrubber(spec).Scrub("Hunter2 is refused."); strings.Contains(got, "unter2") {
		t.Error(got)
	}
	if got := (Scrubber{}).Scrub("hunter2"); got != "hunter2" {
		t.Error(got)
	}
}
