# <platform>/<namespace>; with the environment's name behind it where a namespace has several
terraform import flink_environment.prod operator/prod
