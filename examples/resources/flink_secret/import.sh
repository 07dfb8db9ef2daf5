# confluent/<name>
terraform import flink_secret.kafka confluent/kafka
