#!/bin/sh
# Turns a process in fresh namespaces into the first process of an instance: mounts its root over the
# host's, its devices as the region shows them and its own /proc, /run and /tmp, waits for the network
# cable, leaves the host's root behind, and becomes the init ($INIT_KIND). Everything is told by
# environment variables, and the region reads "@pid" and "@booted" from standard output. Nothing here
# may write anywhere but below $HOME_FOLDER until the host's root is gone.
set -eu

if [ "$INIT_KIND" = systemd ] && [ "${1:-}" != enclosed ]; then
  # The control group first, so that it is the root of what the instance sees.
  echo 0 >"$CGROUP_FOLDER/cgroup.procs"
  exec unshare --cgroup sh "$0" enclosed
fi
read -r pid rest </proc/self/stat
echo "@pid $pid"
exec 3<&- 4<&-

cd "$HOME_FOLDER"
mkdir -p root work upper dev/pts dev/shm dev/mqueue
mount -t overlay -o "lowerdir=$IMAGE_FOLDER:/,upperdir=$UPPER_FOLDER,workdir=$WORK_FOLDER" overlay root

device() { [ -e "dev/$1" ] || mknod -m "$2" "dev/$1" c "$3" "$4"; }
device null 666 1 3
device zero 666 1 5
device full 666 1 7
device random 666 1 8
device urandom 666 1 9
device tty 666 5 0
ln -sfn /proc/self/fd dev/fd
ln -sfn /proc/self/fd/0 dev/stdin
ln -sfn /proc/self/fd/1 dev/stdout
ln -sfn /proc/self/fd/2 dev/stderr
ln -sfn pts/ptmx dev/ptmx

mount -t proc -o nosuid,nodev,noexec proc root/proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs root/sys
mount --bind root/sys/devices/system sys-devices/system
mount --bind root/sys/devices/virtual sys-devices/virtual
mount -t tmpfs -o ro,size=4k none sys-devices/virtual/block
mount --rbind sys-devices root/sys/devices
mount --bind sys-block root/sys/block
mount --bind sys-class-block root/sys/class/block
mount --bind sys-dev-block root/sys/dev/block
mount --bind proc-partitions root/proc/partitions
# The kernel's own switches are the host's.
mount --bind root/proc/sys root/proc/sys
mount -o remount,bind,ro root/proc/sys
[ ! -e root/proc/sysrq-trigger ] || mount --bind /dev/null root/proc/sysrq-trigger
mount --bind dev root/dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5,nosuid,noexec devpts root/dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs root/dev/shm
mount -t mqueue mqueue root/dev/mqueue
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs root/run
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs root/tmp
# Programs of the region that lie on other file systems than the root's, one path a line.
printf '%s\n' "$VISIBLE_PATHS" | while read -r path; do
  [ -n "$path" ] || continue
  mkdir -p "root$path"
  mount --bind -o ro "$path" "root$path"
done
mkdir root/run/left
hostname "$MACHINE_NAME"

read -r _
ip -batch - <<END
link set lo up
addr add $PRIVATE_IP/$PREFIX_BITS dev ens5
link set ens5 up
route add default via $ROUTER_IP dev ens5
route add $METADATA_IP dev ens5
END

cd root
pivot_root . run/left
cd /
umount --lazy /run/left
rmdir /run/left
echo "@booted"

# What would reach the host's clock, modules or ports; a container's first process has none either.
forbidden=-sys_time,-sys_module,-sys_rawio,-syslog
set -- setpriv --bounding-set="$forbidden" --inh-caps="$forbidden"
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ "$INIT_KIND" = systemd ]; then
  mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
  exec env -i PATH="$path" LANG=C.UTF-8 container=rehearsal \
    "$@" "$INIT_PROGRAM" --unit=multi-user.target --show-status=no </dev/null >/dev/null
fi
# As PID 1 this shell reaps orphans, which Node does not; its end is the instance's.
env -i PATH="$path" HOME=/root LANG=C.UTF-8 "$@" "$NODE" "$INIT_PROGRAM" &
wait $!
