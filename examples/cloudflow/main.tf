# A stream application on Lightbend Cloudflow: one streamlet that Cloudflow's operator runs, and one of Flink. It plans without
# a cluster, and runs where KUBECONFIG names one with Cloudflow and the Flink Kubernetes Operator.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "bootstrap_servers" {
  description = "The brokers, as pods reach them."
  type        = string
  default     = "kafka:9092"
}

variable "pods" {
  description = "How many pods of the streamlet ingest there are; null leaves that to whoever scales the application."
  type        = number
  default     = null
}

variable "operator_namespace" {
  description = "The namespace of Cloudflow's operator."
  type        = string
  default     = "cloudflow"
}

variable "labels" {
  description = "Labels of the namespace."
  type        = map(string)
  default     = {}
}

resource "flink_environment" "shop" {
  platform = "cloudflow"
  name     = "shop-on-cloudflow"
  cloudflow = {
    service_account    = "flink"
    operator_namespace = var.operator_namespace
    labels             = var.labels
  }
  kafka = { provider = "external", bootstrap_servers = var.bootstrap_servers }
  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://flink/checkpoints"
      "state.savepoints.dir"  = "s3://flink/savepoints"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_stream_application" "orders" {
  environment = flink_environment.shop
  name        = "orders"
  streamlets = {
    ingest = {
      runtime     = "akka"
      image       = "registry.example.com/orders-akka:1.4.0"
      entry_class = "com.example.orders.Ingest"
      parallelism = var.pods
      config      = { max-lag = "5s" }
      outlets     = { valid = {} }
    }
    enrich = {
      image       = "registry.example.com/orders-flink:1.4.0"
      jar_uri     = "local:///opt/flink/usrlib/orders.jar"
      parallelism = 2
      inlets      = { orders = {} }
    }
  }
  topics = {
    orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = "orders-v1" }
  }
}

output "diagram" {
  value = flink_stream_application.orders.diagram
}
