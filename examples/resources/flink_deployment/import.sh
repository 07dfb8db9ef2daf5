# <platform>/<namespace>/<name>
terraform import flink_deployment.orders operator/flink-orders/orders

# on confluent and ververica, the environment in the place of the namespace
terraform import flink_deployment.orders ververica/prod/orders
