# Another configuration, perhaps of another team, has created the environment.
data "flink_environment" "sales" {
  name = "sales"
}

# Its defaults and overrides come with it, as with the resource.
resource "flink_deployment" "invoices" {
  environment = data.flink_environment.sales
  name        = "invoices"
  image       = "registry.example.com/invoices:2.0.1"
  job         = { jar_uri = "local:///opt/flink/usrlib/invoices.jar", parallelism = 1 }
}
