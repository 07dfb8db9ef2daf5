variable "environment" {
  type = any
}

resource "flink_deployment" "inside" {
  environment = var.environment
  name        = "inside"
  image       = "flink:1.20"
  job         = { jar_uri = "local:///opt/flink/usrlib/a.jar", parallelism = 2 }
}
