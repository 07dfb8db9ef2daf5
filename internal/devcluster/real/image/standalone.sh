#!/bin/bash
# Starts a process of a standalone cluster: standalone.sh standalone-job|taskmanager [OPTION...]
# shellcheck source=env.sh
. "$FLINK_HOME/bin/env.sh"
case $1 in
  standalone-job) main=container.entrypoint.StandaloneApplicationClusterEntryPoint memory=GET_JM_RESOURCE_PARAMS ;;
  taskmanager) main=runtime.taskexecutor.TaskManagerRunner memory=GET_TM_RESOURCE_PARAMS ;;
  *) echo "unknown kind of process: $1" >&2 && exit 2 ;;
esac
shift
# Flink looks for the job's jars in usrlib beside this folder.
export FLINK_LIB_DIR=$FLINK_HOME/lib
mapfile -t parameters < <(process_parameters "$memory" --configDir "$FLINK_CONF_DIR")
# shellcheck disable=SC2086 # each parameter line holds several words
exec java ${parameters[0]} "${OPTIONS[@]}" -cp "$CLASS_PATH" "org.apache.flink.$main" \
  --configDir "$FLINK_CONF_DIR" ${parameters[1]} "$@"
