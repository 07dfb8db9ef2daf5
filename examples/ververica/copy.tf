# A second job in the environment of main.tf, which starts from a savepoint of the first and takes a value from a secret.
variable "secret_key" {
  description = "The key of the object store."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "not-a-real-key"
}

# A secret value of the namespace. What it holds is in no plan and in no state. Another version writes it again.
resource "flink_secret" "store" {
  environment     = flink_environment.quickstart
  name            = "STORE_SECRET_KEY"
  data_wo         = { value = var.secret_key }
  data_wo_version = "1"
}

# Taken of the running job, which goes on.
resource "flink_savepoint" "counter" {
  environment = flink_environment.quickstart
  name        = "before-copy"
  deployment  = flink_deployment.counter.name
}

resource "flink_deployment" "copy" {
  environment = flink_environment.quickstart
  name        = "counter-copy"
  image       = var.image

  # The platform puts the value in the place of the name when it starts the job.
  flink_configuration = { "s3.secret-key" = "$${${flink_secret.store.name}}" }

  job = {
    jar_uri                = var.jar_uri
    entry_class            = var.entry_class
    parallelism            = 1
    initial_savepoint_path = flink_savepoint.counter.location
  }
}
