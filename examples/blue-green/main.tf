# A job that is exchanged without a gap: a new version starts from a savepoint beside the running one, which goes when
# the new one runs.
terraform {
  required_version = ">= 1.8"
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_environment" "checkout" {
  name      = "checkout"
  namespace = "flink-checkout"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir"            = "s3://flink/checkpoints"
      "state.savepoints.dir"             = "s3://flink/savepoints"
      "execution.checkpointing.interval" = "30 s"
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }

    # For every deployment of the environment.
    upgrade = { strategy = "blue_green" }
  }
}

resource "flink_deployment" "baskets" {
  environment = flink_environment.checkout
  name        = "baskets" # its objects are baskets-blue and baskets-green
  image       = "registry.example.com/baskets:2.3.0"

  job = {
    jar_uri     = "local:///opt/flink/usrlib/baskets.jar"
    parallelism = 2
  }

  # Leads to whichever color is active, as the Service baskets-active does.
  ingress = { template = "flink.example.com/{{namespace}}/{{name}}(/|$)(.*)", class_name = "nginx" }

  upgrade = {
    blue_green = {
      abort_grace_period = "5m"  # then a new version that does not run is removed, and the old one stays
      deletion_delay     = "30s" # how long the old job runs on beside the new one
    }
  }
}

output "web_interface" {
  description = "The JobManager of the active color, inside the cluster."
  value       = "http://baskets-active.${flink_environment.checkout.namespace}:8081"
}
