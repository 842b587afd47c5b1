#!/bin/bash
# A container with real systemd on a network of its own: a bridge in the namespace NAME-sw, the container's host0
# (10.77.0.1, fd77::1) and a client in NAME-cli (10.77.0.2, fd77::2). Needs root, systemd-nspawn, debootstrap.
#   box.sh able                       says why such a container cannot boot here, or nothing
#   box.sh image [SUITE[+PACKAGES]]   builds the root of a Debian suite, with more packages, once and keeps it in $BOX
#   box.sh up NAME [nspawn options]   boots a clean container; its changes are gone with it
#   box.sh in NAME COMMAND...         runs a command inside           box.sh cli NAME COMMAND...   on the client
#   box.sh reboot|crash|down NAME     in order | as when the power fails | for good
set -eu
BOX=${BOX:-/var/tmp/rampart-box}
export LC_ALL=C.UTF-8
PACKAGES=systemd,systemd-sysv,dbus,libpam-systemd,nftables,iproute2,ca-certificates,procps,python3-minimal

able() {
  for program in systemd-nspawn debootstrap nft ip nsenter; do
    command -v $program >/dev/null || { echo "$program is not installed"; return; }
  done
  [ "$(id -u)" = 0 ] || { echo 'only root can boot a container'; return; }
  for hierarchy in unified systemd; do
    [ -w /sys/fs/cgroup/$hierarchy/cgroup.procs ] || { echo "/sys/fs/cgroup/$hierarchy is not writable"; return; }
  done
}

mirror() {
  awk '/^URIs:|^deb /{for (i = 1; i <= NF; i++) if ($i ~ /^http/) { print $i; exit }}' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null
}

image() {
  local suite=${1:-bookworm} root packages=$PACKAGES release
  root=$BOX/${suite//,/+}
  release=${suite%%+*}
  [ "$release" = "$suite" ] || packages=$PACKAGES,${suite#*+}
  mkdir -p "$BOX"
  [ ! -d "$root" ] || return 0
  local new=$root.new
  rm -rf "$new"
  debootstrap --variant=minbase --include="$packages" "$release" "$new" "$(mirror)" >"$BOX/debootstrap-$suite.log" 2>&1 ||
    { tail -3 "$BOX/debootstrap-$suite.log" >&2; return 1; }
  rm -f "$new"/var/cache/apt/archives/*.deb "$new/var/lib/dbus/machine-id"
  : >"$new/etc/machine-id"
  echo gw1 >"$new/etc/hostname"
  mkdir -p "$new/var/log/journal"
  for timer in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
    systemctl --root="$new" disable $timer.timer >/dev/null 2>&1 || true
  done
  systemctl --root="$new" enable systemd-networkd >/dev/null 2>&1
  systemctl --root="$new" mask systemd-networkd-wait-online.service console-getty.service >/dev/null 2>&1
  printf '[Match]\nName=host0\n[Network]\nAddress=10.77.0.1/24\nAddress=fd77::1/64\nIPv6AcceptRA=no\n' \
    >"$new/etc/systemd/network/10-host0.network"
  mv "$new" "$root"
}

# The container's first process.
leader() {
  local parent child
  parent=$(cat "$BOX/$1/nspawn.pid") || return 1
  for child in $(cat "/proc/$parent/task/$parent/children" 2>/dev/null); do
    [ "$(awk '/^NSpid/{print $NF}' "/proc/$child/status" 2>/dev/null)" = 1 ] && { echo "$child"; return 0; }
  done
  return 1
}

inside() {
  local name=$1 process
  shift
  process=$(leader "$name") || return 125
  nsenter -t "$process" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 SYSTEMD_COLORS=0 \
    SYSTEMD_PAGER= DEBIAN_FRONTEND=noninteractive "$@"
}

# Up to where services start; one of them may take its time.
await_boot() {
  local state=none i
  for i in $(seq 1200); do
    state=$(inside "$1" systemctl is-active basic.target 2>/dev/null || true)
    [ "$state" != active ] || return 0
    sleep 0.05
  done
  echo "$1: no boot, last state ${state:-none}" >&2
  tail -20 "$BOX/$1/console.log" >&2
  return 1
}

start() {
  setsid "$BOX/$1/launch.sh" </dev/null >>"$BOX/$1/console.log" 2>&1 &
  echo $! >"$BOX/$1/launch.pid"
  await_boot "$1"
}

network() {
  local name=$1
  ip netns add "$name-sw"
  ip netns add "$name-cli"
  ip -n "$name-sw" link add br0 type bridge
  ip -n "$name-sw" link set br0 up
  ip -n "$name-sw" link add p-cli type veth peer name eth0 netns "$name-cli"
  ip -n "$name-sw" link set p-cli master br0 up
  ip -n "$name-cli" addr add 10.77.0.2/24 dev eth0
  ip -n "$name-cli" addr add fd77::2/64 dev eth0 nodad
  ip -n "$name-cli" link set eth0 up
  ip -n "$name-cli" link set lo up
}

up() {
  local name=$1 home=$BOX/$1 suite=${SUITE:-bookworm}
  shift
  image "$suite"
  mkdir -p "$home/upper" "$home/work" "$home/merged"
  mount -t overlay "box-$name" -o "lowerdir=$BOX/${suite//,/+},upperdir=$home/upper,workdir=$home/work" "$home/merged"
  network "$name"
  for hierarchy in unified systemd; do mkdir -p "/sys/fs/cgroup/$hierarchy/box-$name"; done
  # With --keep-unit nspawn ends with 133 when the container reboots, and is to be started again.
  cat >"$home/launch.sh" <<LAUNCH
#!/bin/bash
status=133
while [ \$status = 133 ]; do
  (
    for hierarchy in unified systemd; do echo \$BASHPID >/sys/fs/cgroup/\$hierarchy/box-$name/cgroup.procs; done
    exec nsenter --net=/run/netns/$name-sw env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q -D $home/merged \\
      --boot --machine=$name --register=no --keep-unit --network-bridge=br0 --capability=CAP_BPF \\
      --system-call-filter=bpf --resolv-conf=off --timezone=off --link-journal=no --console=passive $*
  ) &
  echo \$! >$home/nspawn.pid
  status=0
  wait \$! || status=\$?
done
LAUNCH
  chmod +x "$home/launch.sh"
  start "$name"
}

reboot() {
  local process
  process=$(cat "$BOX/$1/nspawn.pid")
  inside "$1" systemctl reboot
  while [ "$(cat "$BOX/$1/nspawn.pid")" = "$process" ]; do sleep 0.02; done
  await_boot "$1"
}

crash() {
  local process
  kill -KILL "$(leader "$1")"
  process=$(cat "$BOX/$1/launch.pid")
  while kill -0 "$process" 2>/dev/null; do sleep 0.02; done
  start "$1"
}

down() {
  local name=$1 home=$BOX/$1 process launcher
  process=$(cat "$home/nspawn.pid" 2>/dev/null || true)
  launcher=$(cat "$home/launch.pid" 2>/dev/null || true)
  if [ -n "$process" ]; then
    kill -TERM "$process" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$launcher" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$launcher" "$process" 2>/dev/null || true
  fi
  ip netns del "$name-cli" 2>/dev/null || true
  ip netns del "$name-sw" 2>/dev/null || true
  umount "$home/merged" 2>/dev/null || umount -l "$home/merged" 2>/dev/null || true
  rm -rf "$home"
  for hierarchy in unified systemd; do
    find "/sys/fs/cgroup/$hierarchy/box-$name" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
  rmdir "/run/systemd/nspawn/propagate/$name" 2>/dev/null || true
}

command=$1
shift
case $command in
  able) able ;;
  image) image "$@" ;;
  up) up "$@" ;;
  in) inside "$@" ;;
  cli) name=$1; shift; exec nsenter "--net=/run/netns/$name-cli" "$@" ;;
  reboot | crash | down) $command "$1" ;;
  *) echo "box.sh: what is \"$command\"?" >&2; exit 64 ;;
esac
