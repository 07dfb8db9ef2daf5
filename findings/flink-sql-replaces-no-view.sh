#!/usr/bin/env bash
# Library: org.apache.flink:flink-table-planner-loader 1.20.1, TableEnvironment.executeSql with the built-in catalog.
# Input: a view, and CREATE OR REPLACE VIEW with its name and another query; the same with IF NOT EXISTS in it; then CREATE OR REPLACE
#   TABLE with the name of a table, without a query.
# Behaviour: OR REPLACE is read, and not done: the statement is refused since the name is taken, and with IF NOT EXISTS it works and
#   changes nothing.
# Seen: "OR REPLACE VIEW: Table (or view) default_database.v already exists in Catalog default_catalog., with IF NOT EXISTS: works, columns:
#   a, OR REPLACE TABLE: Table (or view) default_database.t already exists in Catalog default_catalog."
# What follows: a statement that shall change a view drops it first, or is ALTER VIEW. The stand-in of Confluent Manager refuses these
#   like Flink (internal/devcluster/flinksql, TestSentences).
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
    static String told(Runnable statement) {
        try {
            statement.run();
            return "works";
        } catch (RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return cause.getMessage().split("\n")[0];
        }
    }

    public static void main(String[] args) {
        var tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.executeSql("CREATE TABLE t (a INT, b INT) WITH ('connector' = 'datagen')");
        tables.executeSql("CREATE VIEW v AS SELECT a FROM t");
        var view = told(() -> tables.executeSql("CREATE OR REPLACE VIEW v AS SELECT b FROM t"));
        var either = told(() -> tables.executeSql("CREATE OR REPLACE VIEW IF NOT EXISTS v AS SELECT b FROM t"));
        var columns = String.join(", ", tables.from("v").getResolvedSchema().getColumnNames());
        var table = told(() -> tables.executeSql("CREATE OR REPLACE TABLE t (c INT) WITH ('connector' = 'datagen')"));
        System.out.printf("OR REPLACE VIEW: %s, with IF NOT EXISTS: %s, columns: %s, OR REPLACE TABLE: %s%n", view, either, columns, table);
        if (!(view.contains("already exists") && either.equals("works") && columns.equals("a") && table.contains("already exists"))) {
            System.out.println("CHANGED: the view or the table is replaced, or OR REPLACE is not read");
            System.exit(3);
        }
    }
}
JAVA
look java --add-opens=java.base/java.util=ALL-UNNAMED -cp 'lib/*' Statements.java
