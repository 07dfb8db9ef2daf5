resource "flink_secret" "registry" {
  name            = "schema-registry"
  data_wo         = { "basic.auth.credentials.source" = "USER_INFO", "basic.auth.user.info" = "flink:…" }
  data_wo_version = "1"
}

# What the connection_secret_id "registry-id" of a catalog means in the environment production.
resource "flink_secret_mapping" "registry" {
  environment = { platform = "confluent", name = "production" }
  name        = "registry-id"
  secret_name = flink_secret.registry.name
}
