# A service manager of a person who is nobody special, in namespaces that unshare(1) just made.
# What it is told and why: user_manager.rs.
set -eu
systemd=$0 units=$1 server=$2 group=$3
person=1

# What systemd would have made at boot, and nothing of what it made here.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/systemd/unit-root /run/bin /run/log /run/home/.config/systemd \
  /run/user/$person
cp -r "$units" /run/home/.config/systemd/user
touch /run/bin/hallway-server
mount --bind "$server" /run/bin/hallway-server
chmod 700 /run/user/$person
chown -R $person /run/user/$person /run/home /run/log
ip link set lo up

# The manager sorts its processes into control groups of its own: of version 2 alone, or of both.
groups=()
for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  if [[ -e $root/cgroup.procs ]]; then groups+=("$root/$group"); fi
done
mkdir "${groups[@]}"
clean_up() {
  kill -KILL -1 2>/dev/null || true
  local left
  for left in "${groups[@]}"; do
    # This shell is in it, too.
    echo $$ >"${left%/*}/cgroup.procs"
    for _ in {1..100}; do
      find "$left" -depth -type d -exec rmdir {} + 2>/dev/null && break
      sleep 0.05
    done
  done
}
trap clean_up EXIT
chown -R $person "${groups[@]}"
for group in "${groups[@]}"; do echo $$ >"$group/cgroup.procs"; done

as_person() {
  env --ignore-environment PATH="$PATH" HOME=/run/home XDG_RUNTIME_DIR=/run/user/$person LC_ALL=C.UTF-8 \
    setpriv --reuid=$person --regid=$person --clear-groups --inh-caps=-all "$@"
}
as_person "$systemd" --user --unit=basic.target </dev/null >/dev/null 2>&1 &
for _ in {1..200}; do
  state=$(as_person systemctl --user is-system-running 2>/dev/null || true)
  [[ $state != running && $state != degraded ]] || break
  sleep 0.05
done
[[ $state == running || $state == degraded ]] || {
  echo "the manager is: $state" >&2
  exit 1
}
echo ready

while IFS= read -r line; do
  code=0
  as_person bash -c "$line" </dev/null >/run/said 2>&1 || code=$?
  awk '{ print ": " $0 }' /run/said
  echo "ended $code"
done
