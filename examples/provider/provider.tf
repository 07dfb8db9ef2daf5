terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

# Without a kubernetes block the rules of kubectl apply: KUBECONFIG, ~/.kube/config, the pod's service account.
provider "flink" {
  kubernetes = {
    config_path = "~/.kube/config"
    context     = "prod"
  }
}
