# operator/<namespace>/<name of the FlinkStateSnapshot>
terraform import flink_savepoint.orders operator/savepoint-source/orders-before-move

# confluent/<environment>/<deployment>/<name on the server>, below its application or detached
terraform import flink_savepoint.orders confluent/production/orders/before-move-k3v7q2ma

# ververica/<environment>/<deployment>/<id of the platform>
terraform import flink_savepoint.orders ververica/prod/orders/4c9ef22e-15ba-4dcb-b371-1ba03824cd31
