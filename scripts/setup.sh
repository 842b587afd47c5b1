#!/bin/sh
# Installs what the tests and the demo need and this machine lacks: Debian packages with apt-get, the
# packages of package-lock.json with npm ci, and builds dist/. Does nothing that is already done.
set -eu
cd "$(dirname "$0")/.."

missing=''
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need nft nftables
need etcd etcd-server
need etcdctl etcd-client
need ip iproute2
need conntrack conntrack
need ping iputils-ping
need openssl openssl
need curl curl
need unshare util-linux
need sysctl procps
need iptables-nft iptables
need rpmbuild rpm
need systemd-nspawn systemd-container
need debootstrap debootstrap

if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "please install these packages first:$missing" >&2
    exit 1
  fi
  echo "installing$missing"
  # A package that starts a server would listen on this machine's ports: only the programs are wanted.
  policy=/usr/sbin/policy-rc.d
  made_policy=''
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made_policy=yes
  fi
  trap '[ -z "$made_policy" ] || rm -f "$policy"' EXIT
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund
fi

# The packages bring their own Node; the tests that build them run without the network.
node --input-type=module --eval "import { fetchRuntime } from './scripts/package/runtime.mjs'; fetchRuntime('x64');" ||
  echo 'the Node runtime for packages cannot be had: tests of packages will be skipped' >&2
