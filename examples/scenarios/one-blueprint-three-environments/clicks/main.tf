# Two jobs and the topic between them. Nothing here says where they run, or where the topic is.
terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "environment" {
  description = "A flink_environment, resource or data source."
  type        = any
}

variable "window" {
  description = "Over which time the clicks are counted."
  type        = string
  default     = "1 min"
}

locals {
  image = "registry.example.com/clicks:1.4.0"
  click = jsonencode({
    type = "record", name = "Click", fields = [{ name = "page", type = "string" }, { name = "at", type = "long" }]
  })
}

resource "flink_stream_application" "clicks" {
  environment = var.environment
  name        = "clicks"

  streamlets = {
    collect = {
      image       = local.image
      jar_uri     = "local:///opt/flink/usrlib/clicks.jar"
      entry_class = "com.example.clicks.Collect"
      parallelism = 1
      outlets     = { clicks = { schema = local.click } }
    }
    count = {
      image       = local.image
      jar_uri     = "local:///opt/flink/usrlib/clicks.jar"
      entry_class = "com.example.clicks.Count"
      parallelism = 2
      inlets      = { clicks = { schema = local.click } }
      config      = { "window" = var.window }
    }
  }

  topics = {
    clicks = { producers = ["collect.clicks"], consumers = ["count.clicks"], topic_name = "clicks-v1", partitions = 3 }
  }
}

output "diagram" {
  description = "The application as Mermaid text."
  value       = flink_stream_application.clicks.diagram
}
