#!/bin/bash
# What the containers of the image run: the command that Flink's Kubernetes integration gives, such as
# `bash -c "kubernetes-jobmanager.sh kubernetes-application"`, or the process that the operator starts in mode standalone.
export FLINK_HOME=/opt/flink JAVA_HOME=/usr/lib/jvm/java
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
export PATH=$FLINK_HOME/bin:$JAVA_HOME/bin:$PATH
cd "$FLINK_HOME" || exit
case $1 in
  standalone-job | taskmanager) set -- standalone.sh "$@" ;;
esac
exec "$@"
