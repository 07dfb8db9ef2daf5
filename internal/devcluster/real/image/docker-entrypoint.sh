#!/bin/bash
# What the containers of the image run: the command that Flink's Kubernetes integration gives, such as
# `bash -c "kubernetes-jobmanager.sh kubernetes-application"`, or of standalone mode one of standalone.sh.
export FLINK_HOME=/opt/flink JAVA_HOME=/usr/lib/jvm/java
# In standalone mode Flink finds usrlib beside its libraries.
export FLINK_LIB_DIR=$FLINK_HOME/lib
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
export PATH=$FLINK_HOME/bin:$JAVA_HOME/bin:$PATH
cd "$FLINK_HOME" || exit
case $1 in
  standalone-job | jobmanager | taskmanager) exec standalone.sh "$@" ;;
esac
exec "$@"
