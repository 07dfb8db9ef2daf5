# What a streamlet is told: the brokers, and what its topics are called there.
data "flink_application_config" "score" {
  environment = flink_environment.scoring
  application = "scores"
  streamlet   = "score"
}

output "score_reads" {
  value = {
    brokers = data.flink_application_config.score.bootstrap_servers
    topics  = data.flink_application_config.score.topics
  }
}
