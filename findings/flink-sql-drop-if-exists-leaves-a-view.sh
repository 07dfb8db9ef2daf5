#!/usr/bin/env bash
# Library: org.apache.flink:flink-table-planner-loader 1.20.1, TableEnvironment.executeSql with the built-in catalog.
# Input: a view, and DROP TABLE IF EXISTS with its name; a table and a view cannot have one name.
# Behaviour: the statement works and drops nothing, since a view is no table for it. CREATE TABLE IF NOT EXISTS with that name works
#   just as well, and creates nothing.
# Seen: "DROP TABLE IF EXISTS: works, listed after it: [v]", "CREATE TABLE IF NOT EXISTS: works, columns: a".
# What follows: a statement that cleans up may leave what it names, and nobody is told. on_destroy of a
#   flink_statement is such a statement: its text is the user's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
dependency() { printf '<dependency><groupId>org.apache.flink</groupId><artifactId>%s</artifactId><version>1.20.1</version></dependency>\n' "$1"; }
{
  echo '<project xmlns="http://maven.apache.org/POM/4.0.0">'
  echo '<modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version><dependencies>'
  for artifact in flink-table-api-java-bridge flink-table-planner-loader flink-table-runtime flink-clients flink-connector-datagen; do
    dependency "$artifact"
  done
  echo '</dependencies></project>'
} >pom.xml
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Statements.java <<'JAVA'
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

public class Statements {
    public static void main(String[] args) {
        var tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.executeSql("CREATE TABLE t (a INT) WITH ('connector' = 'datagen')");
        tables.executeSql("CREATE VIEW v AS SELECT a FROM t");
        tables.executeSql("DROP TABLE IF EXISTS v");
        var views = java.util.Arrays.toString(tables.listViews());
        System.out.println("DROP TABLE IF EXISTS: works, listed after it: " + views);
        tables.executeSql("CREATE TABLE IF NOT EXISTS v (b STRING) WITH ('connector' = 'datagen')");
        var columns = String.join(", ", tables.from("v").getResolvedSchema().getColumnNames());
        System.out.println("CREATE TABLE IF NOT EXISTS: works, columns: " + columns);
        if (!(views.equals("[v]") && columns.equals("a"))) {
            System.out.println("CHANGED: the view goes, or the table is refused");
            System.exit(3);
        }
    }
}
JAVA
look java --add-opens=java.base/java.util=ALL-UNNAMED -cp 'lib/*' Statements.java
