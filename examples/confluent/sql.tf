# SQL in the environment of main.tf: the way to a Kafka cluster, a pool to run in, and a statement that runs.
variable "jaas" {
  description = "What Flink logs in to Kafka with."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"flink\" password=\"…\";"
}

# The values are in no plan and in no state. Another version writes them again.
resource "flink_secret" "kafka" {
  name            = "quickstart-kafka"
  data_wo         = { "sasl.jaas.config" = var.jaas }
  data_wo_version = "1"
}

# What the identifier of a connection means in this environment.
resource "flink_secret_mapping" "kafka" {
  environment = flink_environment.quickstart
  name        = "quickstart-kafka-id"
  secret_name = flink_secret.kafka.name
}

resource "flink_kafka_catalog" "shop" {
  name        = "quickstart-shop"
  sr_instance = { connection_config = { "schema.registry.url" = "http://schema-registry:8081" } }
}

resource "flink_kafka_database" "orders" {
  catalog = flink_kafka_catalog.shop.name
  name    = "orders"
  kafka_cluster = {
    connection_config = {
      "bootstrap.servers" = "kafka:9092"
      "security.protocol" = "SASL_PLAINTEXT"
      "sasl.mechanism"    = "PLAIN"
    }
    connection_secret_id = flink_secret_mapping.kafka.name
  }
  ddl_environments = [flink_environment.quickstart.name]
}

resource "flink_compute_pool" "sql" {
  environment = flink_environment.quickstart
  name        = "quickstart-sql"
  type        = "shared"

  cluster_spec = {
    image         = "confluentinc/cp-flink-sql:1.19-cp10"
    flink_version = "v1_19"
    job_manager   = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager  = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_statement" "totals" {
  environment  = flink_environment.quickstart
  name         = "totals-by-region"
  compute_pool = flink_compute_pool.sql.name
  statement    = "INSERT INTO totals SELECT region, SUM(amount) FROM purchases GROUP BY region"
  properties = {
    "sql.current-catalog"  = flink_kafka_catalog.shop.name
    "sql.current-database" = flink_kafka_database.orders.name
  }
}
