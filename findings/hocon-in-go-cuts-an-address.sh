#!/usr/bin/env bash
# Libraries: github.com/go-akka/configuration v0.0.0-20200606091224-a002c0330665, a HOCON reader for Go, and com.typesafe:config 1.4.3, by
#   which Cloudflow's streamlets read theirs.
# Input: HOCON documents as a streamlet's configuration has them: an address without quotes, the same in quotes, a text with an escape, a
#   number with a zero at its end.
# Behaviour: Java refuses the address without quotes, since a colon may not stand there; Go takes what is before // and throws the rest
#   away as a comment, without an error. An escape stays as it is written in Go, and Java shortens the number.
# Seen: "bare address: go http, java refused", "quoted address: both alike", "escape: go \u00e9, java é", "1.10: go 1.10, java 1.1".
# What follows: the Go reader cannot tell whether a document is the one that a job will read. What the provider writes for streamlets is
#   JSON, which both read alike.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.typesafe</groupId>
      <artifactId>config</artifactId>
      <version>1.4.3</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >/dev/null
cat >Texts.java <<'JAVA'
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

public class Texts {
    public static void main(String[] documents) {
        for (String document : documents) {
            try {
                System.out.println(ConfigFactory.parseString(document).getAnyRef("a"));
            } catch (ConfigException e) {
                System.out.println("refused");
            }
        }
    }
}
JAVA
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/go-akka/configuration"
)

func main() {
	for _, document := range os.Args[1:] {
		fmt.Println(configuration.ParseString(document).GetString("a"))
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/go-akka/configuration@v0.0.0-20200606091224-a002c0330665 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
documents=('a = http://registry/x' 'a = "http://registry/x"' 'a = "\u00e9"' 'a = 1.10')
names=("bare address" "quoted address" escape 1.10)
mapfile -t go < <(go run . "${documents[@]}")
mapfile -t java < <(java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp 'lib/*' Texts.java "${documents[@]}" 2>/dev/null)
for i in "${!names[@]}"; do
  echo "${names[i]}: go ${go[i]}, java ${java[i]}"
done
if [ "${go[*]}" != 'http http://registry/x \u00e9 1.10' ] || [ "${java[*]}" != 'refused http://registry/x é 1.1' ]; then
  echo "CHANGED: the documents are read in another way"
  exit 1
fi
