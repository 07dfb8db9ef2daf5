# shellcheck shell=bash disable=SC2034 # the variables are for those who source this
# What the scripts of the cluster share: where things are, and how they speak. Sourced.

# Everything that is built or fetched, and under state what belongs to the running cluster.
home=${REALCLUSTER_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/realcluster}
bin=$home/bin
state=$home/state
kubeconfig=$state/kubeconfig

# The two ends of the cable between the machine and the node, and the cluster's inner networks.
link=flinknode
machine_ip=10.86.0.1
node_ip=10.86.0.2
services=10.96.0.0/16
api_service_ip=10.96.0.1
dns_service_ip=10.96.0.10
pods=10.88.0.0/16
webhook_port=9443

say() { printf 'cluster: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# await SECONDS WHAT COMMAND...: tries the command until it succeeds.
await() {
  local deadline=$((SECONDS + $1)) seconds=$1 what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited $seconds s in vain for $what; the logs are in $state/log"
    sleep 0.2
  done
}

kubectl() {
  local program=$bin/kubectl
  [ -x "$program" ] || program=$(type -P kubectl)
  # A proxy of the machine does not know the way to the node.
  NO_PROXY=$node_ip "$program" --kubeconfig "$kubeconfig" "$@"
}
