#!/usr/bin/env bash
# Library: org.apache.flink:flink-table-planner-loader 1.20.1, with the Calcite in it, TableEnvironment.explainSql.
# Input: a table, and queries of its name with another letter in capitals: alone, behind its database, and behind catalog and database.
# Behaviour: names are told apart by the case of their letters, and the error says what may have been meant. Behind the database alone
#   it does not: looking for the other spelling fails, and that is the error.
# Seen: "Orders: Object 'Orders' not found within 'default_catalog.default_database'; did you mean 'orders'?, default_database.Orders:
#   Index 3 out of bounds for length 3, default_catalog.default_database.Orders: Object 'Orders' not found within
#   'default_catalog.default_database'; did you mean 'orders'?".
# What follows: a statement can fail with an error that names no table. The provider shows it as it is; the stand-in of Confluent
#   Manager has it too (internal/devcluster/flinksql, TestSentences).
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
        tables.executeSql("CREATE TABLE orders (a INT) WITH ('connector' = 'datagen')");
        var alone = told(() -> tables.explainSql("SELECT a FROM Orders"));
        var half = told(() -> tables.explainSql("SELECT a FROM default_database.Orders"));
        var whole = told(() -> tables.explainSql("SELECT a FROM default_catalog.default_database.Orders"));
        System.out.printf("Orders: %s, default_database.Orders: %s, default_catalog.default_database.Orders: %s%n", alone, half, whole);
        var meant = "did you mean 'orders'?";
        if (!(alone.endsWith(meant) && half.equals("Index 3 out of bounds for length 3") && whole.endsWith(meant))) {
            System.out.println("CHANGED: the other spelling is named, or taken");
            System.exit(3);
        }
    }
}
JAVA
look java --add-opens=java.base/java.util=ALL-UNNAMED -cp 'lib/*' Statements.java
