# <platform>/<namespace>/<application>
terraform import flink_stream_application.clicks operator/flink-clicks/clicks
