# confluent/<environment>/<name>
terraform import flink_statement.orders_by_region confluent/production/orders-by-region
