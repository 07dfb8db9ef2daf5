terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "environment" {
  description = "A flink_environment."
  type        = any
}

variable "name" {
  type = string
}

variable "parallelism" {
  type = number
}

resource "flink_deployment" "this" {
  environment = var.environment
  name        = var.name
  image       = "registry.example.com/${var.name}:1.0.0"

  job = {
    jar_uri     = "local:///opt/flink/usrlib/job.jar"
    parallelism = var.parallelism
  }
}
