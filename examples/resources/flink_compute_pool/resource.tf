# The environment production is one of Confluent Manager for Apache Flink.
resource "flink_compute_pool" "sql" {
  environment = { platform = "confluent", name = "production" }
  name        = "sql"
  type        = "shared"

  cluster_spec = {
    image               = "confluentinc/cp-flink-sql:1.19-cp7"
    flink_version       = "v1_19"
    flink_configuration = { "taskmanager.numberOfTaskSlots" = "4" }
    job_manager         = { resource = { cpu = 1, memory = "2g" } }
    task_manager        = { resource = { cpu = 2, memory = "4g" } }
  }
}
