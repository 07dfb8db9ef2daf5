terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "checkpoint_interval" {
  type    = string
  default = "10 min"

  validation {
    condition     = provider::flink::duration(var.checkpoint_interval) >= 10000
    error_message = "Checkpoints need an interval of 10 seconds at least."
  }
}

output "checkpoint_interval_seconds" {
  value = provider::flink::duration(var.checkpoint_interval) / 1000 # 600
}
