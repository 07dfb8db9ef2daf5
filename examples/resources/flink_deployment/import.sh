# <platform>/<namespace>/<name>
terraform import flink_deployment.orders operator/flink-orders/orders
