# operator/<namespace>/<name of the FlinkStateSnapshot>
terraform import flink_savepoint.orders operator/flink-prod/orders-before-move
