#!/usr/bin/env bash
# Builds what people install, in out/ or the folder that --output names:
#
#   tokenserver_VERSION_ARCHITECTURE.deb              for Debian 12 or later; docs/get-started.md installs it
#   tokenserver-VERSION-linux-ARCHITECTURE.tar.gz     the program and deploy/, for any other Linux
#   SHA256SUMS                                        check with: sha256sum --check SHA256SUMS
#
#   build.sh [--version VERSION] [--output FOLDER] [--program FOLDER]
#
# It needs dpkg-deb and the .NET SDK. The program brings its own .NET: the machine that it is installed on needs none. --program packs a
# folder that was published before; one without a .NET of its own makes a package that depends on aspnetcore-runtime-10.0.
set -euo pipefail
umask 022
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
version='' output=$PWD/out program=''
fail() { echo "build.sh: $1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --version) version=${2:-}; shift 2 || fail "--version names a version" ;;
    --output) output=${2:-}; shift 2 || fail "--output names a folder" ;;
    --program) program=${2:-}; shift 2 || fail "--program names a folder" ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
command -v dpkg-deb >/dev/null || fail "dpkg-deb is not here"
architecture=$(dpkg --print-architecture)
case $architecture in
  amd64) runtime=linux-x64 ;;
  arm64) runtime=linux-arm64 ;;
  *) fail "there is no .NET for $architecture" ;;
esac
# Of one commit come the same files: its time is theirs.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$repository" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
version=${version:-0.$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y%m%d.%H%M%S)}
[[ $version =~ ^[0-9][A-Za-z0-9.+~]*$ ]] || fail "'$version' is no version of Debian's"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$program" ]; then
  program=$work/program
  dotnet publish "$repository/src/TokenServer" -c Release -r "$runtime" --self-contained -p:PublishReadyToRun=true -v quiet -o "$program"
fi
[ -x "$program/TokenServer" ] || fail "there is no TokenServer in '$program'"
if [ -e "$program/libcoreclr.so" ]; then needs='ca-certificates, tzdata, libc6, libgcc-s1, libstdc++6, libssl3 | libssl3t64'
else needs='aspnetcore-runtime-10.0'; fi
mkdir -p "$output"
output=$(cd "$output" && pwd)

# The package: the program in /usr/lib, where the units and the command look for it.
root=$work/package
install -d "$root/DEBIAN" "$root/usr/lib/systemd/system" "$root/usr/sbin" "$root/usr/share/tokenserver"
cp -r "$program" "$root/usr/lib/tokenserver"
find "$root/usr/lib/tokenserver" -name '*.pdb' -delete
# A portable build has native libraries for every system.
find "$root/usr/lib/tokenserver" -path '*/runtimes/*' -prune ! -name "$runtime" ! -name linux ! -name unix -exec rm -r {} +
installed() { sed 's#/opt/tokenserver/#/usr/lib/tokenserver/#g' "$repository/deploy/$1" >"$2"; chmod "$3" "$2"; }
for unit in tokenserver.service tokenserver@.service tokenserver-backup.service tokenserver-backup.timer; do
  installed "$unit" "$root/usr/lib/systemd/system/$unit" 644
done
installed tokenserver-command "$root/usr/sbin/tokenserver" 755
for example in nginx-one.conf nginx.conf postgresql.sql environment.example; do
  installed "$example" "$root/usr/share/tokenserver/$example" 644
done
install -d -m 700 "$root/etc/tokenserver"
install -m 600 "$repository/deploy/environment.example" "$root/etc/tokenserver/environment"
echo /etc/tokenserver/environment >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$root/DEBIAN/$script"; done
cat >"$root/DEBIAN/control" <<END
Package: tokenserver
Version: $version
Architecture: $architecture
Maintainer: TokenServer
Section: net
Priority: optional
Installed-Size: $(du -k -s "$root/usr" | cut -f1)
Depends: adduser, default-dbus-system-bus | dbus-system-bus, openssl, systemd, $needs
Suggests: nginx, postgresql
Description: OAuth 2.0 and OpenID Connect token server
 One program with one SQLite file, or several replicas on one PostgreSQL.
END
deb=tokenserver_${version}_$architecture.deb
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zzstd --build "$root" "$output/$deb" >/dev/null

# The tarball: one folder, to be unpacked in /opt.
folder=tokenserver-$version
tarball=$folder-$runtime.tar.gz
cp -r "$root/usr/lib/tokenserver" "$work/$folder"
cp -r "$repository/deploy" "$work/$folder/deploy"
tar --create --directory="$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" "$folder" | gzip -n >"$output/$tarball"
(cd "$output" && sha256sum "$deb" "$tarball" >SHA256SUMS)
printf '%s\n' "$output/$deb" "$output/$tarball" "$output/SHA256SUMS"
