# A job with its own pod template and logging: what the environment says about pods is merged with what the job says,
# as Kubernetes merges a patch.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "analytics" {
  name      = "analytics"
  namespace = "flink-analytics"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://flink/checkpoints"
      "state.savepoints.dir"  = "s3://flink/savepoints"
    }
    job_manager       = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager      = { resource = { cpu = 1, memory = "2g" } }
    pod_template      = file("${path.module}/pod.yaml")
    log_configuration = { "log4j-console.properties" = file("${path.module}/log4j-console.properties") }
  }
}

resource "flink_deployment" "sessions" {
  environment = flink_environment.analytics
  name        = "sessions"
  image       = "registry.example.com/sessions:2.0.1"

  job = {
    jar_uri     = "local:///opt/flink/usrlib/sessions.jar"
    parallelism = 2
  }

  # Joined to the environment's template: containers and volumes by their names.
  pod_template = yamlencode({
    metadata = { labels = { team = "web" } }
    spec = {
      containers = [{
        name    = "flink-main-container"
        envFrom = [{ secretRef = { name = "sessions-credentials" } }]
      }]
    }
  })

  # For the TaskManagers alone.
  task_manager = {
    pod_template = yamlencode({
      spec = { nodeSelector = { disk = "nvme" } }
    })
  }
}
