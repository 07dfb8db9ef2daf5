resource "flink_environment" "prod" {
  name     = "prod" # also the namespace's
  operator = { service_account = "flink" }

  # Fills what a deployment leaves out.
  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir"         = "s3://flink/checkpoints"
      "state.savepoints.dir"          = "s3://flink/savepoints"
      "taskmanager.numberOfTaskSlots" = 2
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }

  # Wins over what a deployment says.
  deployment_overrides = {
    flink_configuration = { "web.cancel.enable" = false }
  }
}
