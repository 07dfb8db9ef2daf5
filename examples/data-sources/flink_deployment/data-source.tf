data "flink_deployment" "orders" {
  environment = { namespace = "flink-reports" }
  name        = "orders"
}

output "orders_job" {
  value = {
    state      = data.flink_deployment.orders.status.job_state
    checkpoint = data.flink_deployment.orders.checkpoints.latest_path
    exception  = data.flink_deployment.orders.exception
  }
}
