resource "flink_kafka_catalog" "orders" {
  name        = "orders"
  sr_instance = { connection_config = { "schema.registry.url" = "http://schema-registry:8081" } }
}

# The credentials of the Kafka cluster are in a secret, which each environment maps to the identifier of the connection.
resource "flink_secret" "orders" {
  name            = "orders-kafka"
  data_wo         = { "sasl.jaas.config" = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"flink\" password=\"…\";" }
  data_wo_version = "1"
}

resource "flink_secret_mapping" "orders" {
  environment = { platform = "confluent", name = "production" }
  name        = "orders-kafka-id"
  secret_name = flink_secret.orders.name
}

resource "flink_kafka_database" "orders" {
  catalog = flink_kafka_catalog.orders.name
  name    = "orders"
  kafka_cluster = {
    connection_config = {
      "bootstrap.servers" = "kafka:9092"
      "security.protocol" = "SASL_PLAINTEXT"
      "sasl.mechanism"    = "PLAIN"
    }
    connection_secret_id = flink_secret_mapping.orders.name
  }
  ddl_environments = ["production"]
}
