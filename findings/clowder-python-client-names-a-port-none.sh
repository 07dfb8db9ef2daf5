#!/usr/bin/env bash
# Library: app-common-python 0.3.0, the client that Clowder's own documentation gives to applications in Python.
# Input: a cdappconfig.json that is valid by Clowder's JSON Schema, where a broker has to have a hostname and nothing else: two
#   brokers, of which one has no port, and a topic that is asked for twice, with one real name each.
# Behaviour: KafkaServers is a list of "hostname:port", and a port that there is not becomes the text None. KafkaTopics has one entry
#   for each requested name, and of two the later one, without a word.
# Seen: "KafkaServers: kafka-0.example.com:9093 kafka-1.example.com:None", "orders: env-orders-v2".
# What follows: a broker without a port has Kafka's usual one, 9092, wherever the provider makes an address of a cdappconfig.json: the
#   data source flink_application_config (internal/core/clowd/configuration.go; TestReadConfigurationThatSaysLittle).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >cdappconfig.json <<'JSON'
{
  "metricsPort": 9000, "metricsPath": "/metrics", "logging": {"type": "null"},
  "kafka": {
    "brokers": [{"hostname": "kafka-0.example.com", "port": 9093}, {"hostname": "kafka-1.example.com"}],
    "topics": [{"requestedName": "orders", "name": "env-orders-v1"}, {"requestedName": "orders", "name": "env-orders-v2"}]
  }
}
JSON
cat >main.py <<'PYTHON'
import app_common_python as clowder

servers, orders = " ".join(clowder.KafkaServers), clowder.KafkaTopics["orders"].name
print("KafkaServers:", servers)
print("orders:", orders)
if (servers, orders) != ("kafka-0.example.com:9093 kafka-1.example.com:None", "env-orders-v2"):
    print("CHANGED: other addresses or another topic")
    raise SystemExit(3)
PYTHON
prepare python3 -m venv venv
prepare venv/bin/pip install app-common-python==0.3.0
look env ACG_CONFIG=cdappconfig.json venv/bin/python main.py
