#!/usr/bin/env bash
# Library: org.apache.flink:flink-core 1.20.1, GlobalConfiguration.loadConfiguration with a flink-conf.yaml, which is what the
#   Flink Kubernetes Operator writes for every Flink below 2.0; the same with a config.yaml, which it writes from 2.0 on.
# Input: two files that YAML reads alike: a value with a # inside a word, the same in quotes, and a value in quotes without one.
# Behaviour: in flink-conf.yaml a # ends the value wherever it stands, in quotes too, and quotes stay part of the value. In config.yaml
#   both are as in YAML.
# Seen: "flink-conf.yaml: plain=ab, quoted="ab, text="a b"", "config.yaml: plain=ab#cd, quoted=ab#cd, text=a b".
# What follows: a password, a Java option or a path with a # reaches a job of Flink 1 cut short, without a word, and whole after the
#   upgrade to Flink 2. The provider refuses such values at plan (internal/core/fko/validate_conffile.go;
#   TestValidateConfiguration, "a comment in Flink 1").
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.flink</groupId>
      <artifactId>flink-core</artifactId>
      <version>1.20.1</version>
    </dependency>
  </dependencies>
</project>
XML
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
mkdir old new
printf 'plain: ab#cd\nquoted: "ab#cd"\ntext: "a b"\n' | tee old/flink-conf.yaml >new/config.yaml
cat >Read.java <<'JAVA'
import org.apache.flink.configuration.GlobalConfiguration;

public class Read {
    static String of(String folder) {
        var read = GlobalConfiguration.loadConfiguration(folder).toMap();
        return "plain=" + read.get("plain") + ", quoted=" + read.get("quoted") + ", text=" + read.get("text");
    }

    public static void main(String[] args) {
        String old = of("old"), standard = of("new");
        System.out.println("flink-conf.yaml: " + old + "\nconfig.yaml: " + standard);
        boolean same = old.equals("plain=ab, quoted=\"ab, text=\"a b\"") && standard.equals("plain=ab#cd, quoted=ab#cd, text=a b");
        if (!same) {
            System.out.println("CHANGED: the files are read in another way");
            System.exit(3);
        }
    }
}
JAVA
look java -cp 'lib/*' Read.java
