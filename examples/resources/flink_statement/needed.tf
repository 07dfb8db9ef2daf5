# What the example takes for granted: a pool to run in.
resource "flink_compute_pool" "reports" {
  environment = { platform = "confluent", name = "production" }
  name        = "reports"
  type        = "shared"

  cluster_spec = {
    image         = "confluentinc/cp-flink-sql:1.19-cp7"
    flink_version = "v1_19"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://flink/checkpoints"
      "state.savepoints.dir"  = "s3://flink/savepoints"
    }
    job_manager  = { resource = { cpu = 1, memory = "2g" } }
    task_manager = { resource = { cpu = 2, memory = "4g" } }
  }
}
