package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// configuration is what one measurement plans and applies.
type configuration struct {
	// name is also that of its folder, environment and namespace.
	name string
	size int
	// template puts a pod template of 60 lines into the environment's defaults.
	template bool
	// server is that of the platform to which the deployments go; nil for the operator.
	server *server
	// application makes streamlets of one application of the deployments, with half as many topics again.
	application bool
}

// Platforms that have a server of their own.
const (
	confluent = "confluent"
	ververica = "ververica"
)

// write writes the deployments, and as many terraform_data with as much input beside them, and returns the folders.
func (c configuration) write(dir string) (flink, floor string, err error) {
	flink, floor = filepath.Join(dir, c.name), filepath.Join(dir, c.name+"-floor")
	for folder, text := range map[string]string{flink: c.flink(), floor: c.floor()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", "", err
		}
		if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(text), 0o600); err != nil {
			return "", "", err
		}
	}
	return flink, floor, nil
}

// flink is a deployment for each resource block, which share an environment, with the attributes that deployments
// usually have. Nobody waits for a job: there is no operator.
func (c configuration) flink() string {
	var text strings.Builder
	template := ""
	if c.template {
		template = "pod_template = <<-EOT\n" + podTemplate() + "    EOT"
	}
	provider, place := "", `operator = { service_account = "flink" }`
	if c.server != nil {
		provider = fmt.Sprintf("provider \"flink\" {\n  %s = { endpoint = %q }\n}\n", c.server.platform, c.server.endpoint)
		place = fmt.Sprintf("platform = %q\n  namespace = \"default\"", c.server.platform)
	}
	more := `image_pull_policy = "IfNotPresent"
    log_configuration = { "log4j-console.properties" = "rootLogger.level = INFO\nrootLogger.appenderRef.console.ref = ConsoleAppender\n" }`
	if c.server != nil && c.server.platform == ververica {
		// It has no such attributes, but the one in a container and the other in its own words.
		more = `pod_template = yamlencode({ spec = { containers = [{ name = "flink-main-container", imagePullPolicy = "IfNotPresent" }] } })
    ververica    = { deployment_template = jsonencode({ spec = { logging = { log4jLoggers = { "" = "INFO" } } } }) }`
	}
	fmt.Fprintf(&text, `terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

%s
resource "flink_environment" "bench" {
  name = %q
  %s
  kafka = { provider = "external", bootstrap_servers = "kafka:9092" }
  deployment_defaults = {
    flink_version     = "v1_20"
    service_account   = "flink"
    labels            = { team = "streams" }
    flink_configuration = {
      "state.checkpoints.dir"            = "s3://flink/checkpoints"
      "state.savepoints.dir"             = "s3://flink/savepoints"
      "execution.checkpointing.interval" = "60 s"
      "high-availability.type"           = "kubernetes"
      "high-availability.storageDir"     = "s3://flink/ha"
    }
    job_manager       = { resource = { cpu = 0.5, memory = "1g" } }
    %s
    %s
  }
  deployment_overrides = {
    flink_configuration = { "web.cancel.enable" = "false" }
  }
}
`, provider, c.name, place, more, template)
	if c.application {
		text.WriteString(c.streamlets())
		return text.String()
	}
	for i := range c.size {
		fmt.Fprintf(&text, `
resource "flink_deployment" "job%[1]d" {
  environment = flink_environment.bench
`+job+`}
`, i, i%10)
	}
	return text.String()
}

// streamlets is one application with a streamlet for each deployment, all of them in a row: each writes the topic that
// the next one reads, and every second one another topic.
func (c configuration) streamlets() string {
	var streamlets, topics strings.Builder
	for i := range c.size {
		inlets, consumers := "", ""
		if i > 0 {
			inlets = "      inlets = { in = {} }\n"
		}
		if i+1 < c.size {
			consumers = fmt.Sprintf("\"s%d.in\"", i+1)
		}
		fmt.Fprintf(&streamlets, "    \"s%[1]d\" = {\n"+said+"%[3]s      outlets = { out = {}, side = {} }\n    }\n", i, i%10, inlets)
		fmt.Fprintf(&topics, "    \"t%[1]d\" = { producers = [\"s%[1]d.out\"], consumers = [%[2]s] }\n", i, consumers)
		if i%2 == 0 {
			fmt.Fprintf(&topics, "    \"side%[1]d\" = { producers = [\"s%[1]d.side\", \"s%[2]d.side\"] }\n", i, (i+1)%c.size)
		}
	}
	return fmt.Sprintf(`
resource "flink_stream_application" "bench" {
  environment = flink_environment.bench
  name        = "job"
  wait_for    = "submitted"
  streamlets = {
%s  }
  topics = {
%s  }
}
`, streamlets.String(), topics.String())
}

// said is job in the words of a streamlet.
const said = `      labels      = { app = "job-%[1]d" }
      annotations = { owner = "team-%[2]d" }
      image       = "registry.example.com/jobs:1.4.%[2]d"
      flink_configuration = {
        "taskmanager.numberOfTaskSlots" = 2
        "state.backend.type"            = "rocksdb"
        "pipeline.object-reuse"         = true
      }
      jar_uri          = "local:///opt/flink/usrlib/job.jar"
      entry_class      = "com.example.Job%[1]d"
      args             = ["--topic", "topic-%[1]d"]
      parallelism      = 2
      task_manager     = { resource = { cpu = 1, memory = "2g" } }
      upgrade          = { mode = "savepoint", on_failure = "rollback" }
      restart_triggers = { config = "%064[1]d" }
`

// job is what a deployment says itself. It is a format of its number and of its team's.
const job = `  name        = "job-%[1]d"
  labels      = { app = "job-%[1]d" }
  annotations = { owner = "team-%[2]d" }
  image       = "registry.example.com/jobs:1.4.%[2]d"
  flink_configuration = {
    "taskmanager.numberOfTaskSlots" = 2
    "state.backend.type"            = "rocksdb"
    "pipeline.object-reuse"         = true
  }
  job = {
    jar_uri     = "local:///opt/flink/usrlib/job.jar"
    entry_class = "com.example.Job%[1]d"
    args        = ["--topic", "topic-%[1]d"]
    parallelism = 2
  }
  task_manager     = { resource = { cpu = 1, memory = "2g" } }
  upgrade          = { mode = "savepoint", on_failure = "rollback" }
  restart_triggers = { config = "%064[1]d" }
  wait_for         = "submitted"
`

// floor says the same to terraform_data, which the CLI has built in and which does nothing.
func (c configuration) floor() string {
	var text strings.Builder
	for i := range c.size {
		fmt.Fprintf(&text, `
resource "terraform_data" "job%[1]d" {
  input = {
`+job+`  }
}
`, i, i%10)
	}
	return text.String()
}

// podTemplate is a pod template of 60 lines.
func podTemplate() string {
	var text strings.Builder
	text.WriteString(`apiVersion: v1
kind: Pod
metadata:
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: "9249"
spec:
  securityContext:
    runAsUser: 9999
    fsGroup: 9999
  tolerations:
    - key: dedicated
      operator: Equal
      value: flink
      effect: NoSchedule
  containers:
    - name: flink-main-container
      ports:
        - name: metrics
          containerPort: 9249
      volumeMounts:
        - name: scratch
          mountPath: /scratch
        - name: secrets
          mountPath: /secrets
          readOnly: true
      env:
`)
	for i := range 12 {
		fmt.Fprintf(&text, "        - name: SETTING_%d\n          value: \"value of setting %d\"\n", i, i)
	}
	text.WriteString(`  volumes:
    - name: scratch
      emptyDir:
        sizeLimit: 10Gi
    - name: secrets
      secret:
        secretName: jobs
        defaultMode: 288
`)
	var indented strings.Builder
	for line := range strings.Lines(text.String()) {
		indented.WriteString("      " + line)
	}
	return indented.String()
}
