# <platform>/<namespace>/<name>
terraform import flink_session_job.orders operator/flink-jobs/orders

# ververica/<environment>/<name>
terraform import flink_session_job.orders ververica/prod/orders
