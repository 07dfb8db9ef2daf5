# A schema registry without credentials: every environment can use the catalog.
resource "flink_kafka_catalog" "shop" {
  name        = "shop"
  sr_instance = { connection_config = { "schema.registry.url" = "http://schema-registry:8081" } }
}
