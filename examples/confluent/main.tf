# An environment of Confluent Manager for Apache Flink and one job in it; sql.tf has SQL in the same environment. It plans
# without a server, and runs where CONFLUENT_CMF_URL names one whose nodes can pull the image.
terraform {
  required_version = ">= 1.11" # the secret in sql.tf is write-only
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "namespace" {
  description = "The Kubernetes namespace, which Terraform creates."
  type        = string
  default     = "flink-on-confluent"
}

variable "image" {
  description = "An image with Flink and the job's JAR file."
  type        = string
  default     = "confluentinc/cp-flink:1.20"
}

variable "flink_version" {
  description = "The Flink version of the image, in the operator's words."
  type        = string
  default     = "v1_20"
}

variable "jar_uri" {
  description = "The JAR file inside the image."
  type        = string
  default     = "local:///opt/flink/usrlib/counter.jar"
}

variable "entry_class" {
  description = "The main class in it."
  type        = string
  default     = "CounterJob"
}

variable "args" {
  description = "Its arguments. With [\"--fail-after\", \"50\"] the job of the demo crashes."
  type        = list(string)
  default     = null
}

variable "parallelism" {
  description = "How many tasks work at the same time. Change it and look at the plan."
  type        = number
  default     = 2
}

variable "state_folder" {
  description = "A folder of the node for checkpoints and savepoints, writable by Flink's user. In production this is an object store."
  type        = string
  default     = "/var/lib/flink-on-confluent"
}

# Confluent Manager makes neither the namespace nor the service account of Flink's pods, so they are made by way of
# Kubernetes. Where they exist, this is left out, and the environment below names the namespace.
resource "flink_environment" "namespace" {
  name     = var.namespace
  operator = { service_account = "flink" }
}

resource "flink_environment" "quickstart" {
  platform  = "confluent"
  name      = "quickstart"
  namespace = flink_environment.namespace.namespace

  # What every deployment of the environment takes where it says nothing itself.
  deployment_defaults = {
    image_pull_policy = "IfNotPresent"
    flink_version     = var.flink_version
    service_account   = "flink"
    flink_configuration = {
      "state.checkpoints.dir"                   = "file:///state/checkpoints"
      "state.savepoints.dir"                    = "file:///state/savepoints"
      "execution.checkpointing.interval"        = "10 s"
      "taskmanager.numberOfTaskSlots"           = 2
      "kubernetes.jobmanager.cpu.limit-factor"  = 4
      "kubernetes.taskmanager.cpu.limit-factor" = 4
    }
    job_manager  = { resource = { cpu = 0.25, memory = "1g" } }
    task_manager = { resource = { cpu = 0.25, memory = "1g" } }
    pod_template = yamlencode({
      spec = {
        containers = [{ name = "flink-main-container", volumeMounts = [{ name = "state", mountPath = "/state" }] }]
        volumes    = [{ name = "state", hostPath = { path = var.state_folder, type = "DirectoryOrCreate" } }]
      }
    })
  }
}

resource "flink_deployment" "counter" {
  environment = flink_environment.quickstart
  name        = "counter"
  image       = var.image

  job = {
    jar_uri     = var.jar_uri
    entry_class = var.entry_class
    args        = var.args
    parallelism = var.parallelism
  }
}

output "rollout" {
  description = "What the last apply did to the job."
  value       = flink_deployment.counter.rollout.summary
}
