# confluent/<catalog>/<name>
terraform import flink_kafka_database.orders confluent/orders/orders
