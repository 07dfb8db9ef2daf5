resource "flink_environment" "team" {
  name      = "shared"
  namespace = "flink-shared"
  operator  = { service_account = "flink" }
  deployment_defaults = {
    flink_version   = "v1_20"
    service_account = "flink"
  }
}

resource "flink_session_cluster" "shared" {
  environment = flink_environment.team
  name        = "shared"
  image       = "registry.example.com/flink:1.20"

  # With high availability, the jobs recover when the cluster is upgraded.
  flink_configuration = {
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 4
  }
  job_manager  = { resource = { cpu = 1, memory = "2g" } }
  task_manager = { resource = { cpu = 2, memory = "4g" } }
}
