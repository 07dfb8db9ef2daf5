# One stream application in three environments that differ in who makes its topics: the provider by Kafka's protocol,
# Strimzi's Topic Operator, or somebody else. The application is the same everywhere.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "admin_bootstrap_servers" {
  description = "The brokers of dev as the machine reaches them that runs Terraform, where that differs."
  type        = string
  default     = null
}

locals {
  defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    job_manager     = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager    = { resource = { cpu = 1, memory = "2g" } }
  }
}

# One broker beside the jobs, without a password. The provider makes the topics itself.
resource "flink_environment" "dev" {
  name      = "dev"
  namespace = "clicks-dev"
  operator  = { service_account = "flink" }
  kafka = {
    provider                = "direct"
    bootstrap_servers       = "kafka.clicks-dev.svc:9092"
    admin_bootstrap_servers = var.admin_bootstrap_servers
  }
  deployment_defaults = merge(local.defaults, {
    flink_configuration = { "state.checkpoints.dir" = "file:///flink-state/checkpoints", "state.savepoints.dir" = "file:///flink-state/savepoints" }
  })
}

# The Kafka "events" of Strimzi, in a namespace of its own. Each topic is a KafkaTopic there.
resource "flink_environment" "staging" {
  name      = "staging"
  namespace = "clicks-staging"
  operator  = { service_account = "flink" }
  kafka     = { provider = "strimzi", cluster = "events", namespace = "clicks-kafka" }
  deployment_defaults = merge(local.defaults, {
    flink_configuration = { "state.checkpoints.dir" = "s3://clicks-staging/checkpoints", "state.savepoints.dir" = "s3://clicks-staging/savepoints" }
  })
}

# Another team has the brokers and makes the topics. The jobs log in; the Secret kafka-access has username and password,
# and kafka-ca the certificate of the authority.
resource "flink_environment" "prod" {
  name      = "prod"
  namespace = "clicks-prod"
  operator  = { service_account = "flink" }
  kafka = {
    provider          = "external"
    bootstrap_servers = "kafka-0.example.com:9093,kafka-1.example.com:9093"
    sasl              = { mechanism = "SCRAM-SHA-512", secret = "kafka-access" }
    tls               = { ca = { secret = "kafka-ca", key = "ca.crt" } }
  }
  deployment_defaults = merge(local.defaults, {
    flink_configuration = { "state.checkpoints.dir" = "s3://clicks/checkpoints", "state.savepoints.dir" = "s3://clicks/savepoints" }
    task_manager        = { resource = { cpu = 4, memory = "16g" } }
  })
}

module "clicks" {
  source = "./clicks"
  for_each = {
    dev     = flink_environment.dev
    staging = flink_environment.staging
    prod    = flink_environment.prod
  }
  environment = each.value
}

output "diagrams" {
  value = { for name, clicks in module.clicks : name => clicks.diagram }
}
