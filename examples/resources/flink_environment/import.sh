# <platform>/<namespace>
terraform import flink_environment.prod operator/prod
