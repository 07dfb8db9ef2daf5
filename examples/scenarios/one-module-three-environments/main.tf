# One module with two jobs, in three environments that differ in everything but
# the jobs: registry and release of the image, sizes, where the state is, how
# failures are met, and what each platform team demands of all jobs.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "dev" {
  name      = "dev"
  namespace = "shop-dev"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    image           = "localhost:5000/shop:1.5.0-rc1"
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "file:///flink-state/checkpoints"
      "state.savepoints.dir"  = "file:///flink-state/savepoints"
    }
    job_manager  = { resource = { cpu = 0.25, memory = "1g" } }
    task_manager = { resource = { cpu = 0.5, memory = "1g" } }
    upgrade      = { on_failure = "keep" } # to look at what failed
  }

  # The machines of developers run one TaskManager of a job, whatever the job asks for.
  deployment_overrides = {
    task_manager = { replicas = 1 }
  }
}

resource "flink_environment" "staging" {
  name      = "staging"
  namespace = "shop-staging"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    image           = "registry.staging.example.com/shop:1.5.0-rc1"
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://shop-staging/checkpoints"
      "state.savepoints.dir"  = "s3://shop-staging/savepoints"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }

  deployment_overrides = {
    flink_configuration = { "web.cancel.enable" = "false" }
    labels              = { stage = "staging" }
  }
}

resource "flink_environment" "prod" {
  name      = "prod"
  namespace = "shop-prod"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    image           = "registry.example.com/shop:1.4.2"
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir"        = "s3://shop/checkpoints"
      "state.savepoints.dir"         = "s3://shop/savepoints"
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://shop/ha"
    }
    job_manager  = { replicas = 2, resource = { cpu = 1, memory = "2g" } }
    task_manager = { resource = { cpu = 4, memory = "16g" } }
  }

  # Wins over what the module says: nobody cancels a job in the web interface,
  # there is a checkpoint every minute, and everything runs on the nodes for Flink.
  deployment_overrides = {
    flink_configuration = {
      "web.cancel.enable"                = "false"
      "execution.checkpointing.interval" = "60 s"
    }
    labels       = { stage = "prod", cost-center = "4711" }
    pod_template = file("${path.module}/prod-pod.yaml")
  }
}

module "shop" {
  source = "./shop"
  for_each = {
    dev     = flink_environment.dev
    staging = flink_environment.staging
    prod    = flink_environment.prod
  }
  environment = each.value
}

output "jobs" {
  value = { for name, shop in module.shop : name => shop.jobs }
}
