#!/bin/bash
# Starts a JobManager: kubernetes-jobmanager.sh kubernetes-application|kubernetes-session [OPTION...]
# shellcheck source=env.sh
. "$FLINK_HOME/bin/env.sh"
case $1 in
  kubernetes-application) main=KubernetesApplicationClusterEntrypoint ;;
  kubernetes-session) main=KubernetesSessionClusterEntrypoint ;;
  *) echo "unknown kind of JobManager: $1" >&2 && exit 2 ;;
esac
shift
mapfile -t parameters < <(process_parameters GET_JM_RESOURCE_PARAMS --configDir "$FLINK_CONF_DIR" "$@")
# shellcheck disable=SC2086 # each parameter line holds several words
exec java ${parameters[0]} "${OPTIONS[@]}" -cp "$CLASS_PATH" "org.apache.flink.kubernetes.entrypoint.$main" \
  --configDir "$FLINK_CONF_DIR" "$@" ${parameters[1]}
