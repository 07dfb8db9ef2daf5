variable "jaas" {
  type      = string
  sensitive = true
  default   = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"flink\" password=\"…\";"
}

# The values are in no plan and in no state. Another version writes them again.
resource "flink_secret" "kafka" {
  name            = "kafka"
  data_wo         = { "sasl.jaas.config" = var.jaas }
  data_wo_version = "2026-11"
}
