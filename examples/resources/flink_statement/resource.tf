# The environment production is one of Confluent Manager for Apache Flink.
resource "flink_statement" "orders_by_region" {
  environment  = { platform = "confluent", name = "production" }
  name         = "orders-by-region"
  compute_pool = flink_compute_pool.reports.name
  statement    = "INSERT INTO orders_by_region SELECT region, SUM(amount) FROM orders GROUP BY region"

  properties          = { "sql.current-catalog" = "shop", "sql.current-database" = "orders" }
  flink_configuration = { "execution.checkpointing.interval" = "60 s" }
  parallelism         = 2

  # Another text goes on from the savepoint of the one before.
  upgrade = { carry_over = true }

  depends_on = [flink_statement.orders_by_region_table]
}

# A table, which goes with its statement.
resource "flink_statement" "orders_by_region_table" {
  environment  = { platform = "confluent", name = "production" }
  name         = "orders-by-region-table"
  compute_pool = flink_compute_pool.reports.name
  statement    = "CREATE TABLE orders_by_region (region STRING, total DOUBLE, PRIMARY KEY (region) NOT ENFORCED)"
  on_destroy   = "DROP TABLE orders_by_region"
  properties   = { "sql.current-catalog" = "shop", "sql.current-database" = "orders" }
}
