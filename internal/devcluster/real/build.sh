# shellcheck shell=bash
# Builds and fetches what the cluster is made of. Sourced by cluster; `build` does nothing that is done already.
# shellcheck source=layout.sh

# The programs that are not the project's own to build, as Debian packages.
ensure_packages() {
  local missing=() command
  local -A package=(
    [containerd]=containerd [runc]=runc [iptables]=iptables [conntrack]=conntrack [ip]=iproute2 [unshare]=util-linux
    [debootstrap]=debootstrap [unzip]=unzip [openssl]=openssl [gcc]=gcc [python3]=python3 [flock]=util-linux
  )
  for command in "${!package[@]}"; do
    type -P "$command" >/dev/null || missing+=("${package[$command]}")
  done
  [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || missing+=(containernetworking-plugins)
  [ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
  if [ ${#missing[@]} -gt 0 ]; then
    type -P apt-get >/dev/null || fail "these are missing, and there is no apt-get to install them: ${missing[*]}"
    say "installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
      >"$home/apt.log" 2>&1 || fail "apt-get could not install ${missing[*]}; see $home/apt.log"
  fi
  type -P javac >/dev/null || fail "there is no JDK (Debian: default-jdk-headless); the Flink images and the operator need one of version 11 to 17"
  type -P mvn >/dev/null || fail "there is no Maven (Debian: maven); it fetches jars of Flink and of the operator"
  type -P go >/dev/null || fail "there is no Go; the Kubernetes programs are built with it"
}

# The Kubernetes programs are the ones of the embedded control plane, and some more of the same release.
kubernetes_programs() {
  local folder name programs=(etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
  type -P kubectl >/dev/null || programs+=(kubectl)
  folder=$(cd "$here/.." && go run ./cmd/devcluster build "${programs[@]}")
  for name in "${programs[@]}"; do
    ln -sfn "$folder/$name" "$bin/$name"
  done
}

coredns_program() {
  local inputs=("$here"/coredns/go.{mod,sum})
  if unchanged "$bin/coredns" "${inputs[@]}"; then return; fi
  say "building CoreDNS"
  CGO_ENABLED=0 go build -C "$here/coredns" -mod=readonly -trimpath -ldflags '-s -w' -o "$bin/coredns.new" github.com/coredns/coredns
  mv "$bin/coredns.new" "$bin/coredns"
  changed_to "$bin/coredns" "${inputs[@]}"
}

# unchanged FILE INPUT...: whether FILE was made from just these inputs; changed_to notes that it is now.
unchanged() { [ -e "$1" ] && [ "$(cat "$1.inputs" 2>/dev/null)" = "$(digest "${@:2}")" ]; }
changed_to() { digest "${@:2}" >"$1.inputs"; }
digest() {
  local input
  for input; do
    if [ -f "$input" ]; then cat "$input"; else echo "$input"; fi
  done | sha256sum
}

pause_image() {
  local image=$home/images/pause.tar folder=$home/tmp/pause
  if unchanged "$image" "$here"/image/{pause.c,mkimage.py}; then return; fi
  mkdir -p "$folder"
  gcc -static -Os -o "$folder/pause" "$here/image/pause.c"
  python3 "$here/image/mkimage.py" docker.io/local/pause:1 /pause "$image" "$folder"
  changed_to "$image" "$here"/image/{pause.c,mkimage.py}
}

# A minimal Debian with the machine's JDK: what every Flink image begins with.
root_file_system() {
  local root=$home/tmp/root jdk
  [ -f "$root/ready" ] && return
  say "building the images' file system"
  rm -rf "$root"
  debootstrap --variant=minbase bookworm "$root" >"$home/debootstrap.log" 2>&1 ||
    fail "debootstrap failed; see $home/debootstrap.log"
  jdk=$(dirname "$(dirname "$(readlink -f "$(type -P javac)")")")
  mkdir -p "$root/usr/lib/jvm"
  # Some links of a packaged JDK lead to what is not installed.
  cp -rL "$jdk" "$root/usr/lib/jvm/java" 2>"$home/jdk.log" || true
  [ -x "$root/usr/lib/jvm/java/bin/java" ] || fail "the JDK $jdk could not be copied; see $home/jdk.log"
  rm -rf "$root"/usr/lib/jvm/java/{jmods,lib/src.zip,man,docs} "$root"/usr/share/{doc,locale,man}/* \
    "$root"/var/{cache/apt,lib/apt/lists}/*
  touch "$root/ready"
}

# flink_image VERSION TAG: an image with Flink's own libraries (the state backends for RocksDB, and from 2.0 on ForSt, are in
# them), its plugin for S3, the jobs of the folder job and those of the example payments, whose two images it is by name. Its
# recipe is this file.
flink_image() {
  local version=$1 tag=$2 image=$home/images/flink-$2.tar root=$home/tmp/root layer=$home/tmp/layer flink=$home/tmp/layer/opt/flink
  local inputs=("$version" "$here"/build.sh "$here"/image/*.{sh,py} "$here"/job/*.java "$home/payments.jar")
  payments_jar
  if unchanged "$image" "${inputs[@]}"; then return; fi
  root_file_system
  say "building the image flink:$tag"
  rm -rf "$layer"
  mkdir -p "$flink"/{bin,usrlib,job,conf,log,opt,plugins,artifacts} "$layer/opt/state"
  flink_distribution "$version" "$home/tmp/flink-$version" "$flink"
  # What no job here needs only makes the image large.
  rm -f "$flink"/lib/flink-{cep,csv,json,table-planner,scala}*
  cp "$here"/image/{env,kubernetes-jobmanager,kubernetes-taskmanager,standalone,standalone-job,taskmanager}.sh "$flink/bin/"
  cp "$here/image/docker-entrypoint.sh" "$layer/"
  counter_jar "$flink/lib"
  # In standalone mode the operator mounts an empty folder over usrlib.
  cp "$home/counter.jar" "$flink/usrlib/"
  cp "$home"/{counter,payments}.jar "$flink/job/"
  # Object stores come by a plugin, in a folder of its own.
  mvn -q -B dependency:copy -Dartifact="org.apache.flink:flink-s3-fs-hadoop:$version" -DoutputDirectory="$flink/plugins/s3-fs-hadoop"
  python3 "$here/image/mkimage.py" "docker.io/library/flink:$tag,docker.io/library/payments-ingest:$tag,docker.io/library/payments-scoring:$tag" \
    /docker-entrypoint.sh "$image.new" "$root" "$layer"
  mv "$image.new" "$image"
  changed_to "$image" "${inputs[@]}"
}

# newer_images FOLDER: the images of the Flink versions that only newer operators take, where that in FOLDER does.
newer_images() {
  if grep -q -r -w v2_3 "$1/crds"; then flink_image 2.3.0 2.3; fi
}

# flink_distribution VERSION DOWNLOADS FOLDER: Flink's lib and the jar of its scripts into FOLDER. Python's package of Flink is
# its whole distribution, of newer versions a wheel and of older ones their sources; nothing of it is installed here.
flink_distribution() {
  local archive pip=(python3 -m pip download -q --no-deps -d "$2" "apache-flink-libraries==$1")
  mkdir -p "$2"
  if ! compgen -G "$2/apache*flink*" >/dev/null; then
    "${pip[@]}" >"$home/pip.log" 2>&1 || "${pip[@]}" --no-build-isolation ||
      fail "pip could not fetch Flink $1; see also $home/pip.log"
  fi
  archive=$(compgen -G "$2/apache*flink*")
  case $archive in
    *.whl)
      unzip -qo "$archive" 'pyflink/lib/*' pyflink/bin/bash-java-utils.jar -d "$3/opt"
      mv "$3/opt/pyflink/lib" "$3/"
      mv "$3/opt/pyflink/bin/bash-java-utils.jar" "$3/bin/"
      rm -r "$3/opt/pyflink"
      ;;
    # There they are below deps, in a folder with the version.
    *) tar xzf "$archive" -C "$3" --strip-components=2 --wildcards '*/lib/*' '*/bin/bash-java-utils.jar' ;;
  esac
}

# counter_jar LIBRARIES: the one jar of the jobs for all Flink versions, compiled against the first.
counter_jar() {
  local classes=$home/tmp/job
  if unchanged "$home/counter.jar" "$here"/job/*.java; then return; fi
  rm -rf "$classes"
  mkdir -p "$classes"
  javac --release 11 -cp "$1/*" -d "$classes" "$here"/job/*.java
  jar --create --file "$home/counter.jar" --main-class CounterJob -C "$classes" .
  changed_to "$home/counter.jar" "$here"/job/*.java
}

# payments_jar: the jobs of the example payments, one jar for all Flink versions.
payments_jar() {
  local sources=$here/../../../examples/scenarios/payments/jobs folder=$home/tmp/payments inputs
  mapfile -t inputs < <(find "$sources" -name target -prune -o -type f -print | sort)
  if unchanged "$home/payments.jar" "${inputs[@]}"; then return; fi
  say "building the jobs of the example payments"
  rm -rf "$folder"
  cp -r "$sources" "$folder"
  mvn -q -B -f "$folder/pom.xml" package >"$home/payments.log" 2>&1 || fail "Maven could not build them; see $home/payments.log"
  mv "$folder/target/payments.jar" "$home/payments.jar"
  changed_to "$home/payments.jar" "${inputs[@]}"
}

build() {
  mkdir -p "$bin" "$home"/{images,tmp}
  ensure_packages
  kubernetes_programs
  coredns_program
  pause_image
  flink_image 1.18.1 1.18
  flink_image 1.20.1 1.20
}
