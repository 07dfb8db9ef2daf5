# shellcheck shell=bash
# The versions of the operator: each is a folder below operator with the pom.xml that names its jars, and in src what its jars
# refer to and no published one has. Sourced by cluster.
# shellcheck source=layout.sh
# shellcheck source=build.sh

# operator_named NAME: the folder of an operator, of which NAME is a version that has a folder below operator, or the folder itself.
operator_named() { if known_version "$1"; then echo "$home/operators/$1"; else readlink -m "$1"; fi; }
# operator_of FOLDER: the name of the operator in a folder.
operator_of() { if [ "${1%/*}" = "$home/operators" ]; then echo "${1##*/}"; else echo "$1"; fi; }
known_version() { [ -f "$here/operator/$1/pom.xml" ]; }

# ensure_operator NAME: fetches the version, unless it is there. A folder has to hold an operator already.
ensure_operator() {
  local folder
  folder=$(operator_named "$1")
  if known_version "$1"; then
    fetch_operator "$1" "$folder"
  elif [ ! -s "$folder/classpath" ] || [ ! -d "$folder/crds" ]; then
    fail "$1 is none of the versions $(cd "$here/operator" && ls -d -- [0-9]* | paste -s -d ' '), and as a folder it holds no operator: it lacks the file classpath or the folder crds"
  fi
}

fetch_operator() {
  local sources=$here/operator/$1 folder=$2 own=() inputs
  mapfile -t inputs < <(find "$sources" -type f | sort)
  inputs+=("$here/operators.sh")
  if unchanged "$folder/classpath" "${inputs[@]}"; then return; fi
  say "fetching the operator $1"
  rm -rf "$folder"
  mkdir -p "$folder/crds"
  mvn -q -B -f "$sources/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/lib" -DincludeScope=runtime
  unzip -qo -j "$folder"/lib/flink-kubernetes-operator-api-*.jar 'META-INF/fabric8/*.flink.apache.org-v1.yml' -d "$folder/crds"
  # An API server refuses the subresource that says where the replicas are, and not where their number is.
  python3 - "$folder"/crds/*.yml <<'END'
import re, sys

for path in sys.argv[1:]:
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(re.sub(r"\n +scale:\n +specReplicasPath: .*(?=\n +status: )", "", text))
END
  if [ -d "$sources/src" ]; then
    find "$sources/src" -name '*.java' -print0 | xargs -0 javac --release 17 -cp "$folder/lib/*" -d "$folder/classes"
    own=("$folder/classes")
  fi
  # The operator replaces classes of the Flink jars beside it, so its own jars come first.
  {
    printf '%s\n' "${own[@]}"
    compgen -G "$folder/lib/flink-kubernetes-standalone-*.jar"
    compgen -G "$folder/lib/flink-kubernetes-operator-[0-9]*.jar"
    compgen -G "$folder/lib/*.jar" | sort | grep -v -E '/flink-kubernetes-(standalone-|operator-[0-9])'
  } | sed '/^$/d' | paste -s -d : >"$folder/classpath"
  changed_to "$folder/classpath" "${inputs[@]}"
}

# has_webhook FOLDER: whether an operator's jars have its admission webhook, a module of its own.
has_webhook() { javap -cp "$(cat "$1/classpath")" org.apache.flink.kubernetes.operator.admission.FlinkOperatorWebhook >/dev/null 2>&1; }
