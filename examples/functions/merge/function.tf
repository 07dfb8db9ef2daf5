terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

locals {
  # Lists are replaced, unless an element names the key by which their elements are merged.
  alerts = provider::flink::merge(
    { enabled = true, rules = [{ name = "lag", above = 100, for = "5m" }, { name = "restarts", above = 3 }] },
    { rules = [{ "$patch" = "merge", mergeKey = "name" }, { name = "lag", above = 500 }] },
  )
}

# The result of a text is YAML text.
output "values" {
  value = provider::flink::merge(file("${path.module}/values.yaml"), { replicas = null, alerts = local.alerts })
}
