# The jobs of a shop. Nothing here says where they run.
terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "environment" {
  description = "A flink_environment, resource or data source."
  type        = any
}

resource "flink_deployment" "orders" {
  environment = var.environment
  name        = "orders"
  labels      = { app = "shop" }

  job = {
    jar_uri     = "local:///opt/flink/usrlib/shop.jar"
    entry_class = "com.example.shop.Orders"
    parallelism = 4
  }
  flink_configuration = {
    "taskmanager.numberOfTaskSlots"    = 2
    "execution.checkpointing.interval" = "5 min"
  }
}

resource "flink_deployment" "recommendations" {
  environment = var.environment
  name        = "recommendations"
  labels      = { app = "shop" }

  job = {
    jar_uri     = "local:///opt/flink/usrlib/shop.jar"
    entry_class = "com.example.shop.Recommendations"
    parallelism = 2
  }
  pod_template = yamlencode({ spec = {
    tolerations = [{ key = "gpu", operator = "Exists" }]
  } })
}

output "jobs" {
  description = "What runs, after the environment's defaults and overrides."
  value = {
    for name, job in { orders = flink_deployment.orders, recommendations = flink_deployment.recommendations } :
    name => { id = job.id, spec = jsondecode(job.effective_spec) }
  }
}
