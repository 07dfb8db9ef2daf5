# confluent/<environment>/<name>
terraform import flink_secret_mapping.registry confluent/production/registry-id
