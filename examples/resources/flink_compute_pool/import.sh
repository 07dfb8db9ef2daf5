# confluent/<environment>/<name>
terraform import flink_compute_pool.sql confluent/production/sql
