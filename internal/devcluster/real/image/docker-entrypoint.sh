#!/bin/bash
# What the containers of the image run: the command that Flink's Kubernetes integration gives, such as
# `bash -c "kubernetes-jobmanager.sh kubernetes-application"`.
export FLINK_HOME=/opt/flink JAVA_HOME=/usr/lib/jvm/java
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
export PATH=$FLINK_HOME/bin:$JAVA_HOME/bin:$PATH
cd "$FLINK_HOME" || exit
exec "$@"
