# One stream application on each platform. The application is the same everywhere: it is that of the example
# one-blueprint-three-environments. What a platform needs, its environment says.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "window" {
  description = "Over which time the clicks are counted. Change it and look at the plan: it moves one job on each platform."
  type        = string
  default     = "1 min"
}

locals {
  # Where another team has the brokers and makes the topics.
  kafka = { provider = "external", bootstrap_servers = "kafka-0.example.com:9092" }

  defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://clicks/checkpoints"
      "state.savepoints.dir"  = "s3://clicks/savepoints"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

# The Apache Flink Kubernetes Operator: a FlinkDeployment for each job.
resource "flink_environment" "operator" {
  name                = "clicks-operator"
  operator            = { service_account = "flink" }
  kafka               = local.kafka
  deployment_defaults = local.defaults
}

# Confluent Manager makes neither the namespace nor the service account of Flink's pods.
resource "flink_environment" "namespace" {
  name     = "clicks-confluent"
  operator = { service_account = "flink" }
}

# Confluent Manager for Apache Flink: a FlinkApplication for each job.
resource "flink_environment" "confluent" {
  platform            = "confluent"
  name                = "clicks"
  namespace           = flink_environment.namespace.namespace
  kafka               = local.kafka
  deployment_defaults = local.defaults
}

# Ververica Platform: a Deployment for each job.
resource "flink_environment" "ververica" {
  platform            = "ververica"
  name                = "clicks"
  namespace           = "clicks-ververica" # of Kubernetes; exists already
  kafka               = local.kafka
  deployment_defaults = local.defaults
}

# Cloudflow: a CloudflowApplication with its Secrets, and a FlinkDeployment for each job, as Cloudflow's own operator runs no
# Flink.
resource "flink_environment" "cloudflow" {
  platform            = "cloudflow"
  name                = "clicks-cloudflow"
  cloudflow           = { service_account = "flink" }
  kafka               = local.kafka
  deployment_defaults = local.defaults
}

# Clowder: one ClowdApp, with an entry for each job. Its environment has the brokers, and makes service accounts. It takes no
# savepoints, so a job keeps its state by high availability.
resource "flink_environment" "clowder" {
  platform = "clowder"
  name     = "clicks-clowder"
  clowder  = { kafka = { mode = "local" } }
  deployment_defaults = {
    flink_version = "v1_20"
    flink_configuration = {
      "state.checkpoints.dir"        = "s3://clicks/checkpoints"
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://clicks/ha"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

module "clicks" {
  source = "../one-blueprint-three-environments/clicks"
  for_each = {
    operator  = flink_environment.operator
    confluent = flink_environment.confluent
    ververica = flink_environment.ververica
    cloudflow = flink_environment.cloudflow
    clowder   = flink_environment.clowder
  }
  environment = each.value
  window      = var.window
}

output "diagram" {
  description = "The application as Mermaid text."
  value       = module.clicks["operator"].diagram
}
