# What the example takes for granted: two environments, and a job that runs in the first.
locals {
  defaults = {
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

resource "flink_environment" "prod" {
  name                = "savepoint-source"
  operator            = { service_account = "flink" }
  deployment_defaults = local.defaults
}

resource "flink_environment" "prod_eu" {
  name                = "savepoint-target"
  operator            = { service_account = "flink" }
  deployment_defaults = local.defaults
}

resource "flink_deployment" "orders" {
  environment = flink_environment.prod
  name        = "orders"
  image       = "registry.example.com/orders:1.4.0"
  job         = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }
}
