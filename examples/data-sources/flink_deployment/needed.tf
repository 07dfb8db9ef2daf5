# What the example takes for granted: a job that runs.
resource "flink_environment" "reports" {
  name     = "flink-reports"
  operator = { service_account = "flink" }
}

resource "flink_deployment" "orders" {
  environment     = flink_environment.reports
  name            = "orders"
  image           = "registry.example.com/orders:1.4.0"
  flink_version   = "v1_20"
  service_account = "flink"
  job             = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 1 }
  flink_configuration = {
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }
  job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager = { resource = { cpu = 1, memory = "2g" } }
}
