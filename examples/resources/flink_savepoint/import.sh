# operator/<namespace>/<name of the FlinkStateSnapshot>
terraform import flink_savepoint.orders operator/savepoint-source/orders-before-move

# confluent/<environment>/<deployment>/<name on the server>, below its application or detached
terraform import flink_savepoint.orders confluent/production/orders/before-move-k3v7q2ma
