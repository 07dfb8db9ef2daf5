# An environment of Ververica Platform and one job in it; copy.tf starts a second job from a savepoint of the first. It plans
# without a server, and runs where VERVERICA_PLATFORM_URL names one whose nodes can pull the image.
terraform {
  required_version = ">= 1.11" # the secret in copy.tf is write-only
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "namespace" {
  description = "The Kubernetes namespace, which Terraform creates."
  type        = string
  default     = "flink-on-ververica"
}

variable "image" {
  description = "An image with Flink and the job's JAR file."
  type        = string
  default     = "flink:1.20"
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
  default     = "/var/lib/flink-on-ververica"
}

# Ververica Platform makes its own namespaces and none of Kubernetes, so that of the pods is made by way of Kubernetes.
# Where it exists, this is left out, and the environment below names it.
resource "flink_environment" "namespace" {
  name     = var.namespace
  operator = { service_account = "flink" }
}

# A namespace of the platform, with a deployment target that leads to the one of Kubernetes.
resource "flink_environment" "quickstart" {
  platform  = "ververica"
  name      = "quickstart"
  namespace = flink_environment.namespace.namespace

  # What every deployment of the environment takes where it says nothing itself; the platform gets it as the deployment
  # defaults of the namespace too.
  deployment_defaults = {
    flink_version   = var.flink_version
    service_account = "flink"
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
    ververica = { max_job_creation_attempts = 2 }
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
