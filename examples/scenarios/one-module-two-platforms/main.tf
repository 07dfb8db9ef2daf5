# One module with a job and a savepoint of it, in staging on the Flink Kubernetes Operator and in production on Ververica
# Platform. The module is the same; what a platform needs, its environment says: service account or role, sizes, and where
# the key of the object store is kept.
terraform {
  required_version = ">= 1.11" # the secret is write-only
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

variable "store_secret_key" {
  description = "The key of the object store of production."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "not-a-real-key"
}

resource "flink_environment" "staging" {
  name      = "staging"
  namespace = "payroll-staging"
  operator  = { service_account = "flink" }

  deployment_defaults = {
    image           = "registry.staging.example.com/payroll:1.5.0-rc1"
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://payroll-staging/checkpoints"
      "state.savepoints.dir"  = "s3://payroll-staging/savepoints"
    }
    # A Secret of the Kubernetes namespace.
    secret_configuration = { "s3.secret-key" = { secret = "store", key = "secret-key" } }
    job_manager          = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager         = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_environment" "prod" {
  platform  = "ververica"
  name      = "payroll"
  namespace = "payroll-prod" # of Kubernetes; exists already

  deployment_defaults = {
    image         = "registry.example.com/payroll:1.4.2"
    flink_version = "v1_20"
    flink_configuration = {
      "state.checkpoints.dir" = "s3://payroll/checkpoints"
      "state.savepoints.dir"  = "s3://payroll/savepoints"
      # The secret value below; the platform puts it in the place of the name.
      "s3.secret-key" = "$${STORE_SECRET_KEY}"
    }
    job_manager  = { resource = { cpu = 1, memory = "2g" } }
    task_manager = { resource = { cpu = 2, memory = "8g" } }
    ververica    = { max_job_creation_attempts = 2 }
  }

  # Wins over what the module says.
  deployment_overrides = {
    upgrade = { prove_for = "2m" }
    labels  = { cost-center = "4711" }
  }

  ververica = { labels = { stage = "prod" } }
}

resource "flink_secret" "store" {
  environment     = flink_environment.prod
  name            = "STORE_SECRET_KEY"
  data_wo         = { value = var.store_secret_key }
  data_wo_version = "1"
}

module "payroll" {
  source = "./payroll"
  for_each = {
    staging = flink_environment.staging
    prod    = flink_environment.prod
  }
  environment = each.value
  depends_on  = [flink_secret.store]
}

output "savepoints" {
  value = { for name, payroll in module.payroll : name => payroll.savepoint }
}
