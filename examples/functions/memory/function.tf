terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "task_manager_memory" {
  type        = string
  default     = "4g"
  description = "Memory of a TaskManager, as Flink or Kubernetes writes it."

  validation {
    condition     = provider::flink::memory(var.task_manager_memory) >= 1024 * 1024 * 1024
    error_message = "A TaskManager needs at least 1 GiB."
  }
}

output "task_manager_bytes" {
  value = provider::flink::memory(var.task_manager_memory) # 4294967296
}
