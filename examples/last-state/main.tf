# A job with high availability that is upgraded from its last checkpoint: quicker than a savepoint, and possible while
# the job does not run.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "payments" {
  name      = "payments"
  namespace = "flink-payments"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "high-availability.type"           = "kubernetes"
      "high-availability.storageDir"     = "s3://flink/ha"
      "state.checkpoints.dir"            = "s3://flink/checkpoints"
      "state.savepoints.dir"             = "s3://flink/savepoints"
      "execution.checkpointing.interval" = "10 s"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_deployment" "fraud" {
  environment = flink_environment.payments
  name        = "fraud"
  image       = "registry.example.com/fraud:3.2.0"

  job = {
    jar_uri     = "local:///opt/flink/usrlib/fraud.jar"
    parallelism = 4
  }

  # Two JobManagers: the second takes over when the first one's node fails.
  job_manager = { replicas = 2 }

  upgrade = { mode = "last_state" }

  # A change of the file restarts the job.
  restart_triggers = { rules = filesha256("${path.module}/rules.json") }

  deletion_protection = false # true in production
}
