# A stream application on Clowder. The ClowdEnvironment decides who makes its topics and where the brokers are; the
# application says none of that and is the same in each environment.

terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "kafka_mode" {
  description = "Who makes topics: local, operator, app-interface, managed or none."
  type        = string
  default     = "local"
}

resource "flink_environment" "insights" {
  platform  = "clowder"
  name      = "insights"
  namespace = "insights-jobs"

  clowder = {
    kafka             = { mode = var.kafka_mode }
    logging           = { mode = "none" }
    resource_defaults = yamlencode({ requests = { cpu = "300m", memory = "1Gi" } })
  }

  deployment_defaults = {
    flink_version = "v1_20"
    flink_configuration = {
      # Without these three, each restart of a pod loses the state of its job.
      "high-availability.type"           = "kubernetes"
      "high-availability.storageDir"     = "s3://flink/ha"
      "state.checkpoints.dir"            = "s3://flink/checkpoints"
      "execution.checkpointing.interval" = "60 s"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_stream_application" "clicks" {
  environment = flink_environment.insights
  name        = "clicks"

  streamlets = {
    collect = {
      image       = "registry.example.com/collect:1.0.0"
      jar_uri     = "local:///opt/flink/usrlib/collect.jar"
      entry_class = "com.example.Collect"
      parallelism = 1
      outlets     = { raw = {} }
    }
    count = {
      image       = "registry.example.com/count:1.0.0"
      jar_uri     = "local:///opt/flink/usrlib/count.jar"
      entry_class = "com.example.Count"
      parallelism = 2
      inlets      = { raw = {} }
      config      = { window = "1m" }
    }
  }
  topics = {
    raw-clicks = {
      producers  = ["collect.raw"]
      consumers  = ["count.raw"]
      partitions = 6
      config     = { "retention.ms" = "86400000" }
    }
  }
}

# What the streamlet reads from cdappconfig.json, for whoever has to reach the same brokers.
data "flink_application_config" "count" {
  environment = flink_environment.insights
  application = flink_stream_application.clicks.name
  streamlet   = "count"
}

output "topics" {
  value = data.flink_application_config.count.topics
}
