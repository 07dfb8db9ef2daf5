# The environment production is one of Confluent Manager for Apache Flink.
resource "flink_statement" "orders_by_region" {
  environment  = { platform = "confluent", name = "production" }
  name         = "orders-by-region"
  compute_pool = flink_compute_pool.reports.name
  statement    = "INSERT INTO orders_by_region SELECT region, SUM(amount) FROM orders GROUP BY region"

  properties          = { "sql.current-catalog" = "shop", "sql.current-database" = "orders" }
  flink_configuration = { "execution.checkpointing.interval" = "60 s" }
  parallelism         = 2
}
