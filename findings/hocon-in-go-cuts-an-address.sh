#!/usr/bin/env bash
# Libraries: github.com/go-akka/configuration v0.0.0-20200606091224-a002c0330665, a HOCON reader for Go, and com.typesafe:config 1.4.3, by
#   which Cloudflow's streamlets read theirs.
# Input: documents as people write a streamlet's configuration: an address without quotes, the same in quotes, and a text with an escape.
# Behaviour: Java refuses the address without quotes, since a colon may not stand there. Go takes "http" for the value, without an error.
#   Java reads the escape, and Go leaves it as it is written.
# Seen: "bare address: go http, java refused", "quoted address: go http://registry/x, java http://registry/x", "escape: go \u00e9, java é".
# What follows: the Go reader does not tell whether a job will read a document, and what it will read. The provider reads no HOCON so far.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
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
prepare mvn -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime
cat >Texts.java <<'JAVA'
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

public class Texts {
    public static void main(String[] documents) {
        for (String document : documents) {
            try {
                System.out.println(ConfigFactory.parseString(document).getString("a"));
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
prepare go mod init finding
prepare go get github.com/go-akka/configuration@v0.0.0-20200606091224-a002c0330665
prepare go mod tidy
documents=('a = http://registry/x' 'a = "http://registry/x"' 'a = "\u00e9"')
names=("bare address" "quoted address" escape)
prepare go build -o finding .
./finding "${documents[@]}" >go.txt || exit 2
mapfile -t go <go.txt
java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp 'lib/*' Texts.java "${documents[@]}" >java.txt 2>log || { cat log >&2; exit 2; }
mapfile -t java <java.txt
for i in "${!names[@]}"; do
  echo "${names[i]}: go ${go[i]}, java ${java[i]}"
done
if [ "${go[*]}" != 'http http://registry/x \u00e9' ] || [ "${java[*]}" != 'refused http://registry/x é' ]; then
  echo "CHANGED: the documents are read in another way"
  exit 1
fi
