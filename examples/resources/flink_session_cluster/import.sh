# <platform>/<namespace>/<name>
terraform import flink_session_cluster.shared operator/flink-shared/shared
