# One environment, a module that makes a job for it, and two jobs from the module.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "shop" {
  name      = "shop"
  namespace = "flink-shop"
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

module "job" {
  source   = "./job"
  for_each = { carts = 2, clicks = 8 }

  environment = flink_environment.shop
  name        = each.key
  parallelism = each.value
}
