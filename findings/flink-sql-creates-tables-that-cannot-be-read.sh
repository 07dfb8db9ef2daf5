#!/usr/bin/env bash
# Library: org.apache.flink:flink-table-planner-loader 1.20.1, TableEnvironment.executeSql with the built-in catalog.
# Input: CREATE TABLE with a connector that nobody has, and with a misspelled option of one that is there; then the plan of a query of each.
# Behaviour: both tables are created. Connector and options are looked at when a statement uses the table.
# Seen: "CREATE no such connector: works", "SELECT from it: Could not find any factory for identifier 'nope'", "CREATE misspelled option:
#   works", "SELECT from it: Unsupported options found for 'datagen'."
# What follows: that a statement CREATE TABLE has completed does not show that the table works. A statement that uses it does. The
#   provider hands statements on as they are, and shows what the server says of them.
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
            return cause.getMessage().split("\n")[0].split(" that implements")[0];
        }
    }

    public static void main(String[] args) {
        var tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        var absent = told(() -> tables.executeSql("CREATE TABLE absent (a INT) WITH ('connector' = 'nope')"));
        var fromAbsent = told(() -> tables.explainSql("SELECT * FROM absent"));
        var odd = told(() -> tables.executeSql("CREATE TABLE odd (a INT) WITH ('connector' = 'datagen', 'rows-per-secnd' = '1')"));
        var fromOdd = told(() -> tables.explainSql("SELECT * FROM odd"));
        System.out.printf("CREATE no such connector: %s%nSELECT from it: %s%nCREATE misspelled option: %s%nSELECT from it: %s%n", absent, fromAbsent, odd, fromOdd);
        boolean same = absent.equals("works") && odd.equals("works")
                && fromAbsent.equals("Could not find any factory for identifier 'nope'") && fromOdd.equals("Unsupported options found for 'datagen'.");
        if (!same) {
            System.out.println("CHANGED: tables are checked when they are created");
            System.exit(3);
        }
    }
}
JAVA
look java --add-opens=java.base/java.util=ALL-UNNAMED -cp 'lib/*' Statements.java
