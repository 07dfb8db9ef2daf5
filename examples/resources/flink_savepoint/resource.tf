# A savepoint of a running job; a new value of the trigger takes another one.
resource "flink_savepoint" "orders" {
  environment = flink_environment.prod
  name        = "orders-before-move"
  deployment  = flink_deployment.orders.name
  triggers    = { release = "1.4" }
}

# Another deployment, in another environment, starts from its state.
resource "flink_deployment" "orders_moved" {
  environment = flink_environment.prod_eu
  name        = "orders"
  image       = "registry.example.com/orders:1.4.0"
  job = {
    jar_uri                = "local:///opt/flink/usrlib/orders.jar"
    parallelism            = 4
    initial_savepoint_path = flink_savepoint.orders.location
  }
}
