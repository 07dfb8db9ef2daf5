resource "flink_environment" "shop" {
  name      = "clicks"
  namespace = "flink-clicks"
  operator  = { service_account = "flink" }
  kafka     = { provider = "external", bootstrap_servers = "kafka.kafka.svc:9092" }
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

locals {
  click = jsonencode({
    type = "record", name = "Click", fields = [{ name = "page", type = "string" }, { name = "at", type = "long" }]
  })
}

resource "flink_stream_application" "clicks" {
  environment = flink_environment.shop
  name        = "clicks"

  streamlets = {
    collect = {
      image       = "registry.example.com/clicks:1.4.0"
      jar_uri     = "local:///opt/flink/usrlib/collect.jar"
      parallelism = 2
      outlets     = { clicks = { schema = local.click } }
      config      = { "sample" = "0.1" }
    }
    count = {
      image          = "registry.example.com/counting:2.0.1"
      jar_uri        = "local:///opt/flink/usrlib/count.jar"
      parallelism    = 4
      inlets         = { in = { schema = local.click } }
      config_secrets = { "webhook" = { secret = "clicks", key = "webhook" } }
      upgrade        = { strategy = "blue_green" }
    }
  }

  topics = {
    clicks = { producers = ["collect.clicks"], consumers = ["count.in"], topic_name = "clicks-v1" }
  }
}
