#!/usr/bin/env bash
# Runs a script on a machine that is thrown away: machine.sh [--bare] SCRIPT [FILE]... Without words it says whether one can be made here.
#
# It is this machine's system under a layer of its own, or with --bare a Debian 12 that debootstrap makes, and systemd is its first process. It
# has its own processes, mounts and network; with --bare the network is this machine's, since it has to fetch packages. SCRIPT and the files
# are copied to /root/test and run there as root. What it prints is printed, and its exit code is the exit code; 77 where such a machine
# cannot be made here, with the reason. Needs root and systemd.
set -euo pipefail
bare=''
if [ "${1:-}" = --bare ]; then bare=yes; shift; fi
leave() { echo "machine.sh: no machine can be made here: $1"; exit 77; }

if [ "${MACHINE_SH:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || leave "only root can"
  for needed in unshare ${bare:+debootstrap}; do command -v "$needed" >/dev/null || leave "$needed is not there"; done
  if [ -z "$bare" ] && ! { [ -x /lib/systemd/systemd ] && command -v dbus-daemon >/dev/null; }; then leave "systemd and dbus are not there"; fi
  spaces=(--mount --pid --fork --kill-child --cgroup --ipc --uts)
  [ -n "$bare" ] || spaces+=(--net)
  folder=$(mktemp -d "${TMPDIR:-/var/tmp}/machine-XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  mkdir "$folder/root" "$folder/upper" "$folder/work" "$folder/test"
  # Tried before, so that it can be said at once. In a chroot it cannot be done.
  # shellcheck disable=SC2016 # The inner shell knows the variable.
  unshare "${spaces[@]}" bash -euc 'mount --make-rprivate /; mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
    mkdir -p "$0/root/run/before"; cd "$0/root"; pivot_root . run/before' "$folder" 2>/dev/null || leave "there are no namespaces to be had, or no overlay"
  rm -rf "$folder/upper" "$folder/work"
  mkdir "$folder/upper" "$folder/work"
  if [ $# = 0 ]; then exit 0; fi
  cp -r "$@" "$folder/test/"
  if [ -n "$bare" ]; then
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates bookworm "$folder/root" >"$folder/log" 2>&1 || { tail "$folder/log"; exit 1; }
    cp /etc/resolv.conf "$folder/root/etc/"
    mkdir -p /usr/local/share/ca-certificates
    cp -r /usr/local/share/ca-certificates/. "$folder/root/usr/local/share/ca-certificates/"
    chroot "$folder/root" update-ca-certificates >/dev/null 2>&1
  fi
  code=0
  MACHINE_SH=inside unshare "${spaces[@]}" bash "$0" ${bare:+--bare} "$folder" "$(basename "$1")" </dev/null || code=$?
  cat "$folder/test/.said" 2>/dev/null || true
  if [ -e "$folder/test/.code" ]; then exit "$(cat "$folder/test/.code")"; fi
  tail -n 20 "$folder/console" 2>/dev/null || true
  leave "systemd did not start the script (exit code $code)"
fi

# From here on: the first process of the new namespaces.
folder=$1 script=$2 root=$1/root
mount --make-rprivate /
if [ -n "$bare" ]; then mount --bind "$root" "$root"
else mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root" || leave "there is no overlay"
fi
mount -t proc proc "$root/proc"
# The kernel's settings are those of this machine too.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
for link in fd:/proc/self/fd stdin:fd/0 stdout:fd/1 stderr:fd/2 ptmx:pts/ptmx; do ln -s "${link#*:}" "$root/dev/${link%%:*}"; done
# What systemd needs of control groups: the one hierarchy, or of the older ones its own.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/unified" "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd,xattr cgroup "$root/sys/fs/cgroup/systemd"
fi
# Its own network has no interface that is up but this.
perl -e 'use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; my $up = pack("a16 s x14", "lo", 0x41); ioctl($s, 0x8914, $up) or die $!'

mkdir -p "$root/root/test"
mount --bind "$folder/test" "$root/root/test"
# On a machine of its own nothing else of this one's is started.
cat >"$root/run/test.sh" <<END
#!/bin/bash
cd /root/test
code=0
bash "/root/test/$script" >/root/test/.said 2>&1 || code=\$?
echo \$code >/root/test/.code
systemctl --force exit \$code
END
mkdir -p "$root/run/systemd/system"
cat >"$root/run/systemd/system/scratch.service" <<END
[Unit]
Description=The test
Requires=dbus.socket
After=sysinit.target dbus.socket
[Service]
Type=oneshot
ExecStart=/bin/bash /run/test.sh
TimeoutStartSec=infinity
Environment=HOME=/root BARE=$bare
END
printf '[Unit]\nRequires=scratch.service\nAfter=scratch.service\n' >"$root/run/systemd/system/scratch.target"
# Not by chroot: who lives in one may make no namespaces, and the units want some.
exec >"$folder/console" 2>&1
mkdir "$root/run/before"
cd "$root"
pivot_root . run/before
umount --lazy /run/before
# As systemd has it where it is not in a container: what it mounts for credentials has to come back to it.
mount --make-rshared /
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=scratch.target
