#!/bin/sh
# The first process of the node, in mount, network and pid namespaces of its own: when it ends, the kernel ends all
# processes of the node and takes its mounts and network devices away, however the end came about.
# Arguments: the node's folder, the file that tells that it is ready, then the folders that must stay visible.
set -eu
dir=$1 ready=$2
shift 2

# Marks this process, and with it the whole node, for a clean-up that finds nothing but the control groups.
for procs in "$dir"/init-cgroups/*; do
  [ -e "$procs" ] && echo 0 >"$procs"
done

mount -t proc proc /proc
# The kubelet insists on these; what it writes must not change the host.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
  kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  [ -e "/proc/sys/$setting" ] || continue
  mkdir -p "$dir/sysctl/${setting%/*}"
  cat "/proc/sys/$setting" >"$dir/sysctl/$setting"
  mount --bind "$dir/sysctl/$setting" "/proc/sys/$setting"
done

# The node has these folders to itself: container runtimes write to fixed places in them.
for hidden in /run /var/lib /var/log; do
  own=$dir/host$hidden
  mkdir -p "$own"
  for kept in "$@"; do
    case $kept in
    "$hidden"/*)
      mkdir -p "$dir/host$kept"
      mount --bind "$kept" "$dir/host$kept"
      ;;
    esac
  done
  mount --rbind "$own" "$hidden"
done
# Volumes of pods may ask for mounts to be passed on.
mount --make-rshared /

trap 'exit 0' TERM INT
: >"$ready"
# Waits for ever, and meanwhile for the orphans that the kernel hands to the first process.
while :; do
  sleep 2147483647 &
  wait $! || :
done
