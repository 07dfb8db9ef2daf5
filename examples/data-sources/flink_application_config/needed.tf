# What the example takes for granted: an application that runs.
resource "flink_environment" "scoring" {
  name     = "flink-scoring"
  operator = { service_account = "flink" }
  kafka    = { provider = "external", bootstrap_servers = "kafka.example.com:9092" }

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

resource "flink_stream_application" "scores" {
  environment = flink_environment.scoring
  name        = "scores"
  streamlets = {
    score = { image = "registry.example.com/score:1.0.0", jar_uri = "local:///opt/flink/usrlib/score.jar", parallelism = 1, inlets = { orders = {} } }
  }
  topics = { orders = { consumers = ["score.orders"] } }
}
