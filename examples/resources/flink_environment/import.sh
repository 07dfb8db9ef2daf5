# <platform>/<namespace>; with the environment's name behind it where a namespace has several
terraform import flink_environment.prod operator/prod

# on confluent and ververica, <platform>/<name>
terraform import flink_environment.prod ververica/prod
