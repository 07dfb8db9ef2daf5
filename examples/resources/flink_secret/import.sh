# confluent/<name>
terraform import flink_secret.kafka confluent/kafka

# ververica/<environment>/<name>
terraform import flink_secret.kafka ververica/prod/S3_KEY
