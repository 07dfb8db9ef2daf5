# <platform>/<namespace>/<name>
terraform import flink_session_cluster.shared operator/flink-shared/shared

# ververica/<environment>/<name>
terraform import flink_session_cluster.shared ververica/prod/shared
