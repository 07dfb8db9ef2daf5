#!/bin/bash
# As Flink's distribution has it: taskmanager.sh start-foreground [OPTION...]
[ "$1" = start-foreground ] || { echo "it starts in the foreground alone, not with: $1" >&2 && exit 2; }
shift
exec "$FLINK_HOME/bin/standalone.sh" taskmanager "$@"
