#!/bin/sh
# Installs Rampart from a checkout: packaging/install.sh [DESTDIR]. Needs `npm ci` and `npm run build` first,
# and Node 20 or newer at run time. Configuration that is already there is kept.
set -eu
cd "$(dirname "$0")/.."
destdir=${1:-}

[ -e dist/daemon/rampartd.js ] || { echo 'dist/ is missing: run "npm run build" first' >&2; exit 1; }
[ -d node_modules ] || { echo 'node_modules/ is missing: run "npm ci" first' >&2; exit 1; }

lib=$destdir/usr/lib/rampart
install -d "$lib" "$destdir/usr/sbin" "$destdir/usr/lib/systemd/system"
install -d -m 755 "$destdir/etc/rampart" "$destdir/etc/rampart/resources"

rm -rf "$lib/dist" "$lib/node_modules"
cp -R dist "$lib/dist"
cp -R node_modules "$lib/node_modules"
install -m 644 package.json package-lock.json "$lib/"
(cd "$lib" && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund --silent)

for program in rampartd; do
  cat >"$destdir/usr/sbin/$program" <<EOF
#!/bin/sh
exec node /usr/lib/rampart/dist/daemon/$program.js "\$@"
EOF
  chmod 755 "$destdir/usr/sbin/$program"
done

[ -e "$destdir/etc/rampart/rampart.yaml" ] ||
  install -m 644 config/rampart.yaml "$destdir/etc/rampart/rampart.yaml"
install -d -m 700 "$destdir/etc/rampart/keys"
install -m 644 systemd/* "$destdir/usr/lib/systemd/system/"
install -m 755 packaging/boot/rampart-boot "$lib/"
install -m 644 packaging/boot/settings.sh packaging/boot/boot-policy.nft "$lib/"
install -D -m 644 packaging/common/sysusers.conf "$destdir/usr/lib/sysusers.d/rampart.conf"

echo "installed. Edit $destdir/etc/rampart/rampart.yaml, then: systemd-sysusers && systemctl enable --now rampart"
