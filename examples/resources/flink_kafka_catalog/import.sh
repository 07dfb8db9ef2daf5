# confluent/<name>
terraform import flink_kafka_catalog.shop confluent/shop
