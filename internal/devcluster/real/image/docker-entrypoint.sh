#!/bin/bash
# What the containers of the image run: the command that Flink's Kubernetes integration gives, such as
# `bash -c "kubernetes-jobmanager.sh kubernetes-application"`, or of standalone mode one of standalone.sh.
export FLINK_HOME=/opt/flink JAVA_HOME=/usr/lib/jvm/java
# In standalone mode Flink finds usrlib beside its libraries.
export FLINK_LIB_DIR=$FLINK_HOME/lib
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
export PATH=$FLINK_HOME/bin:$JAVA_HOME/bin:$PATH
cd "$FLINK_HOME" || exit
if [ -n "${FLINK_PROPERTIES:-}" ]; then
  # Flink's own image appends them to its configuration; here its folder may not be written.
  written=$(mktemp -d)
  cp -r "$FLINK_CONF_DIR/." "$written"
  export FLINK_CONF_DIR=$written
  printf '%s\n' "jobmanager.rpc.address: ${JOB_MANAGER_RPC_ADDRESS:-localhost}" "$FLINK_PROPERTIES" >>"$FLINK_CONF_DIR/flink-conf.yaml"
fi
case $1 in
  standalone-job | jobmanager | taskmanager) exec standalone.sh "$@" ;;
esac
exec "$@"
