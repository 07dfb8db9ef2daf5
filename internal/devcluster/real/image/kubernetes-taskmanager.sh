#!/bin/bash
# Starts a TaskManager; the JobManager has already calculated its memory.
# shellcheck source=env.sh
. "$FLINK_HOME/bin/env.sh"
# shellcheck disable=SC2086 # the variable holds several words
exec java $FLINK_TM_JVM_MEM_OPTS "${OPTIONS[@]}" -cp "$CLASS_PATH" \
  org.apache.flink.kubernetes.taskmanager.KubernetesTaskExecutorRunner --configDir "$FLINK_CONF_DIR" "$@"
