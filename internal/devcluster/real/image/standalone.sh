#!/bin/bash
# Starts a process of the operator's standalone mode: standalone.sh standalone-job|jobmanager|taskmanager [OPTION...]
# shellcheck source=env.sh
. "$FLINK_HOME/bin/env.sh"
case $1 in
  standalone-job) ask=GET_JM_RESOURCE_PARAMS main=container.entrypoint.StandaloneApplicationClusterEntryPoint ;;
  jobmanager) ask=GET_JM_RESOURCE_PARAMS main=runtime.entrypoint.StandaloneSessionClusterEntrypoint ;;
  taskmanager) ask=GET_TM_RESOURCE_PARAMS main=runtime.taskexecutor.TaskManagerRunner ;;
  *) echo "unknown process of standalone mode: $1" >&2 && exit 2 ;;
esac
shift
mapfile -t parameters < <(process_parameters "$ask" --configDir "$FLINK_CONF_DIR" "$@")
# shellcheck disable=SC2086 # each parameter line holds several words
exec java ${parameters[0]} "${OPTIONS[@]}" -cp "$CLASS_PATH" "org.apache.flink.$main" --configDir "$FLINK_CONF_DIR" "$@" ${parameters[1]}
