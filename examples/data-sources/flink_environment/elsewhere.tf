# What another configuration, with a state of its own, has: the environment.
resource "flink_environment" "sales" {
  name      = "sales"
  namespace = "flink-sales"
  operator  = { service_account = "flink" }

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
