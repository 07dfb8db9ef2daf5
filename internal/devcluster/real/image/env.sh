# shellcheck shell=bash
# Sourced by the two start scripts: the class path and the options of every Flink process.
CLASS_PATH=$(printf '%s:' "$FLINK_HOME"/lib/*.jar)

# Flink reaches into these packages of the JDK by reflection.
OPTIONS=()
for package in lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic util.concurrent.locks; do
  OPTIONS+=("--add-opens=java.base/java.$package=ALL-UNNAMED")
done
OPTIONS+=(
  --add-opens=java.base/sun.nio.ch=ALL-UNNAMED
  --add-exports=java.base/sun.net.util=ALL-UNNAMED
  --add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED
  "-Dlog4j.configuration=file:$FLINK_CONF_DIR/log4j-console.properties"
  "-Dlog4j.configurationFile=file:$FLINK_CONF_DIR/log4j-console.properties"
)

# Prints what Flink's own calculation says of a process's memory: a line of JVM options, then a line of dynamic options.
process_parameters() {
  java -cp "$FLINK_HOME/bin/bash-java-utils.jar:$CLASS_PATH" org.apache.flink.runtime.util.bash.BashJavaUtils "$@" 2>/dev/null |
    sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p'
}
