# A stream application of three jobs and the topics between them. Lines come in, payments are taken out of them, counted
# by account, and scored. The jobs are in the folder jobs; they find their topics, schemas and brokers in a file.
# It plans without a cluster and without brokers.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "bootstrap_servers" {
  description = "The Kafka brokers as the jobs reach them."
  type        = string
  default     = "kafka.kafka.svc:9092"
}

variable "admin_bootstrap_servers" {
  description = "The same brokers as the machine reaches them that runs Terraform, where that differs: localhost:9092 with kubectl port-forward."
  type        = string
  default     = null
}

resource "flink_environment" "payments" {
  name      = "payments"
  namespace = "flink-payments"
  operator  = { service_account = "flink" }

  # Where topics are, and who makes them: here the provider.
  kafka = {
    provider                = "direct"
    bootstrap_servers       = var.bootstrap_servers
    admin_bootstrap_servers = var.admin_bootstrap_servers
  }

  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir"            = "s3://payments/checkpoints"
      "state.savepoints.dir"             = "s3://payments/savepoints"
      "execution.checkpointing.interval" = "10 s"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

locals {
  jar      = "local:///opt/flink/usrlib/payments.jar"
  payment  = file("${path.module}/schemas/payment.avsc")
  enriched = file("${path.module}/schemas/enriched.avsc")
}

resource "flink_stream_application" "payments" {
  environment = flink_environment.payments
  name        = "payments"

  streamlets = {
    ingest = {
      image       = "registry.example.com/payments:1.4.0"
      jar_uri     = local.jar
      entry_class = "payments.Ingest"
      parallelism = 1

      inlets  = { lines = {} }
      outlets = { valid = { schema = local.payment }, invalid = {} }
    }

    # It was called count once. Its deployment is payments-count to this day, and no job has restarted for the new name.
    enrich = {
      moved_from  = "count"
      image       = "registry.example.com/payments:1.4.0"
      jar_uri     = local.jar
      entry_class = "payments.Enrich"
      parallelism = 2

      inlets  = { payments = { schema = local.payment } }
      outlets = { enriched = { schema = local.enriched } }
      config  = { largest = "50000" }
    }

    # Another team builds it, and each of its versions runs beside the one before until it has proved itself.
    score = {
      image       = "registry.example.com/payments-scoring:2.1.0"
      jar_uri     = local.jar
      entry_class = "payments.Score"
      parallelism = 1

      inlets  = { payments = { schema = local.enriched } }
      outlets = { scored = {} }
      upgrade = { strategy = "blue_green" }
    }
  }

  topics = {
    lines    = { consumers = ["ingest.lines"], topic_name = "payment-lines", partitions = 4 }
    rejected = { producers = ["ingest.invalid"], topic_name = "payment-lines.rejected", partitions = 1 }
    valid    = { producers = ["ingest.valid"], consumers = ["enrich.payments"], partitions = 4, config = { "retention.ms" = 604800000 } }
    enriched = { producers = ["enrich.enriched"], consumers = ["score.payments"], partitions = 2 }
    scored   = { producers = ["score.scored"], partitions = 2 }
  }
}
