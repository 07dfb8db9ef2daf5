# A session cluster with a job for each entry of a map. A change of one job leaves the others alone; a change of the
# cluster restarts them all, and they recover from their last checkpoints. One destroy goes through in the right order.

terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "jobs" {
  description = "The jobs of the cluster: where the JAR file of each is, and its parallelism."
  type        = map(object({ jar_uri = string, parallelism = number }))
  default = {
    orders   = { jar_uri = "https://repo.example.com/orders-1.4.0.jar", parallelism = 2 }
    invoices = { jar_uri = "https://repo.example.com/invoices-2.0.1.jar", parallelism = 1 }
  }
}

resource "flink_environment" "team" {
  name      = "session"
  namespace = "flink-session"
  operator  = { service_account = "flink" }
  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    # The cluster and the jobs on it take these.
    flink_configuration = {
      "state.checkpoints.dir"        = "s3://flink/checkpoints"
      "state.savepoints.dir"         = "s3://flink/savepoints"
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://flink/ha"
    }
    job_manager  = { resource = { cpu = 1, memory = "2g" } }
    task_manager = { resource = { cpu = 2, memory = "4g" } }
  }
}

resource "flink_session_cluster" "shared" {
  environment         = flink_environment.team
  name                = "shared"
  flink_configuration = { "taskmanager.numberOfTaskSlots" = 4 }
}

resource "flink_session_job" "job" {
  for_each        = var.jobs
  environment     = flink_environment.team
  session_cluster = flink_session_cluster.shared.name
  name            = each.key
  job             = each.value
}

# The state of a running job, for example to start it elsewhere from.
resource "flink_savepoint" "orders" {
  environment = flink_environment.team
  name        = "orders-copy"
  session_job = flink_session_job.job["orders"].name
}

output "orders_savepoint" {
  value = flink_savepoint.orders.location
}
