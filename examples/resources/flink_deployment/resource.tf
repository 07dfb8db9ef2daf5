resource "flink_environment" "prod" {
  name      = "orders"
  namespace = "flink-orders"
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

resource "flink_deployment" "orders" {
  environment = flink_environment.prod
  name        = "orders"
  image       = "registry.example.com/orders:1.4.0"

  job = {
    jar_uri     = "local:///opt/flink/usrlib/orders.jar"
    entry_class = "com.example.Orders"
    args        = ["--topic", "orders"]
    parallelism = 4
  }

  flink_configuration = {
    "taskmanager.numberOfTaskSlots"    = 2
    "execution.checkpointing.interval" = "30 s"
  }

  upgrade = {
    mode       = "savepoint"
    on_failure = "rollback"
  }
}
