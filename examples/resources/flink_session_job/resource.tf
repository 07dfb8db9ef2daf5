resource "flink_environment" "team" {
  name      = "jobs"
  namespace = "flink-jobs"
  operator  = { service_account = "flink" }
  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
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
  environment = flink_environment.team
  name        = "shared"
}

resource "flink_session_job" "orders" {
  environment     = flink_environment.team
  session_cluster = flink_session_cluster.shared.name
  name            = "orders"

  job = {
    jar_uri     = "https://repo.example.com/orders-1.4.0.jar"
    entry_class = "com.example.Orders"
    args        = ["--topic", "orders"]
    parallelism = 2
  }
  flink_configuration = {
    "execution.checkpointing.interval" = "30 s"
  }
}
