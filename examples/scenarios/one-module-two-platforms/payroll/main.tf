# A job and a savepoint of it. Nothing here says where they run, nor on which platform.
terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "environment" {
  description = "A flink_environment, resource or data source."
  type        = any
}

variable "release" {
  description = "Another release takes another savepoint."
  type        = string
  default     = "1"
}

resource "flink_deployment" "salaries" {
  environment = var.environment
  name        = "salaries"
  labels      = { app = "payroll" }

  flink_configuration = { "execution.checkpointing.interval" = "60 s" }
  job = {
    jar_uri     = "local:///opt/flink/usrlib/payroll.jar"
    entry_class = "com.example.payroll.Salaries"
    args        = ["--currency", "EUR"]
    parallelism = 2
  }
}

resource "flink_savepoint" "salaries" {
  environment = var.environment
  name        = "salaries-kept"
  deployment  = flink_deployment.salaries.name
  triggers    = { release = var.release }
}

output "savepoint" {
  description = "Where the state of the job was kept."
  value       = flink_savepoint.salaries.location
}
