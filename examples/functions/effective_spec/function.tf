terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "staging" {
  name = "flink-staging"
  deployment_defaults = {
    flink_version = "v1_20"
    task_manager  = { resource = { cpu = 1, memory = "2g" } }
  }
}

locals {
  # What a deployment with larger TaskManagers would be in this environment; nothing is created.
  spec = jsondecode(provider::flink::effective_spec(flink_environment.staging, {
    image        = "registry.example.com/orders:1.4.0"
    job          = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }
    task_manager = { resource = { cpu = 3 } }
  }))
}

output "task_manager" {
  value = local.spec.taskManager.resource # { cpu = 3, memory = "2g" }

  precondition {
    condition     = provider::flink::memory(local.spec.taskManager.resource.memory) >= provider::flink::memory("2g")
    error_message = "A TaskManager of this environment has less than 2 GiB."
  }
}
