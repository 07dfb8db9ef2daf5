# operator/<namespace>/<name of the FlinkStateSnapshot>
terraform import flink_savepoint.orders operator/savepoint-source/orders-before-move
