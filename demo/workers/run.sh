#!/usr/bin/env bash
# Delegation: a server that never runs a script itself, and three workers under three accounts in two pools on this
# machine: one dials the server, one is dialled, one has nothing but sshd. One is killed in the middle of its step.
#
# The accounts exist in a mount namespace only: nothing of the system changes, and nothing is left running.
set -euo pipefail
seawall=$(realpath "$1")
here=$(realpath "$(dirname "$0")")

if [[ ${2-} != inside ]]; then
    if [[ $(id -u) != 0 ]]; then
        echo "make demo-workers needs root: only root can let three other accounts work" >&2
        exit 1
    fi
    if [[ ! -x /usr/sbin/sshd ]]; then
        echo "make demo-workers needs sshd: apt-get install openssh-server" >&2
        exit 1
    fi
    exec unshare --mount --pid --fork --mount-proc --kill-child bash "$0" "$seawall" inside
fi

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
declare -A numbers=([dialler]=54301 [listener]=54302 [deployer]=54303)

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '\033[2m$ seawall %s\033[0m\n' "$*"; "$seawall" "$@"; }
# Again and again until a command succeeds, for half a minute.
until_true() {
    for ((try = 0; try < 300; try++)); do
        if "$@"; then return; fi
        read -rt 0.1 <> <(:) || true
    done
    echo "this did not come to be: $*" >&2
    return 1
}
# A command as one of the accounts.
as() {
    local name=$1
    shift
    setpriv --reuid="${numbers[$name]}" --regid="${numbers[$name]}" --clear-groups env HOME="$place/$name" "$@"
}

# The same, in the place of a background shell, so that $! is the command itself.
instead_as() {
    local name=$1
    shift
    exec setpriv --reuid="${numbers[$name]}" --regid="${numbers[$name]}" --clear-groups env HOME="$place/$name" "$@"
}

cp "$seawall" "$place/seawall"
seawall=$place/seawall
for file in passwd shadow group; do cp "/etc/$file" "$place/$file"; done
for name in "${!numbers[@]}"; do
    echo "$name:x:${numbers[$name]}:${numbers[$name]}::$place/$name:/bin/sh" >>"$place/passwd"
    echo "$name:*:19000:0:99999:7:::" >>"$place/shadow"
    echo "$name:x:${numbers[$name]}:" >>"$place/group"
    install -d -m 700 -o "${numbers[$name]}" -g "${numbers[$name]}" "$place/$name"
done
mount --make-rprivate /
for file in passwd shadow group; do mount --bind "$place/$file" "/etc/$file"; done
mount -t tmpfs tmpfs /run
mkdir /run/sshd

title "1. A server on which no script ever runs"
printf '\033[2m$ seawall serve --no-builtin-worker --workers 127.0.0.1:0 …\033[0m\n'
"$seawall" serve --data "$place/data" --policies "$here/policies" --listen 127.0.0.1:0 --workers 127.0.0.1:0 \
    --no-builtin-worker --worker-lease 3 >"$place/log" 2>&1 &
until_true grep -q '^Listening' "$place/log"
SEAWALL_URL=$(sed -n 's/^Listening on //p' "$place/log")
SEAWALL_API_KEY=$(sed -n 's/.*SEAWALL_API_KEY=//p' "$place/log")
export SEAWALL_URL SEAWALL_API_KEY
workers=$(sed -n 's/^Waiting for workers on \(.*\), with.*/\1/p' "$place/log")
show environment create Dev
show pool create linux
show pool create machines

title "2. Three workers, each under an account of its own"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
enrol() { # account, further arguments
    local name=$1
    shift
    SEAWALL_ENROLMENT_TOKEN=$("$seawall" worker token --pool linux --json | jq -r .Token) \
        as "$name" "$seawall" worker enrol --server "$workers" --name "$name" "$@"
}
enrol dialler --label mortal
port=$(free_port)
enrol listener --address "127.0.0.1:$port"
# Interpreters are compiled once, by each account for itself.
instead_as dialler "$seawall" worker run >"$place/dialler.log" 2>&1 &
dialler=$!
instead_as listener "$seawall" worker run --listen "127.0.0.1:$port" >"$place/listener.log" 2>&1 &

ssh_port=$(free_port)
ssh-keygen -q -t ed25519 -N '' -f "$place/host"
ssh-keygen -q -t ed25519 -N '' -f "$place/user"
as deployer mkdir -m 700 "$place/deployer/.ssh"
install -m 600 -o "${numbers[deployer]}" -g "${numbers[deployer]}" "$place/user.pub" "$place/deployer/.ssh/authorized_keys"
/usr/sbin/sshd -D -e -f /dev/null -o Port="$ssh_port" -o ListenAddress=127.0.0.1 -o HostKey="$place/host" -o UsePAM=no \
    -o PasswordAuthentication=no -o PidFile=none 2>"$place/sshd.log" &
until_true grep -q 'Server listening' "$place/sshd.log"
fingerprint=$(ssh-keygen -lf "$place/host.pub" | cut -d' ' -f2)
show worker add-ssh deployer --host 127.0.0.1 --port "$ssh_port" --fingerprint "$fingerprint" \
    --user deployer --key "$place/user" --pool machines
connected() { [[ $("$seawall" worker list | grep -c connected) -ge 2 ]]; }
until_true connected
"$seawall" worker check deployer
show worker list

title "3. A release, and its plan: where each step goes, and how it is confined"
show project create Web --process "$here/process.toml"
show release create Web --version 1.0.0
show deploy Web 1.0.0 --to Dev --plan

title "4. The deployment; the worker of the step Soak is killed in its middle"
show deploy Web 1.0.0 --to Dev
task=$("$seawall" task list | awk 'NR == 1 { print $1 }')
soaking() { "$seawall" task log "$task" | grep -q 'still soaking'; }
until_true soaking
kill -9 "$dialler"
echo "killed the worker dialler"
waiting() { "$seawall" task log "$task" | grep -q 'has lost this step'; }
until_true waiting
instead_as dialler "$seawall" worker run >>"$place/dialler.log" 2>&1 &
echo "started it again: Soak is repeatable, so it runs once more"
show task watch "$task"
"$seawall" task log "$task" | grep -E 'Runs on the worker|lost'

title "5. What ran where: no script in or under the server"
show worker list
echo
echo "Everything is stopped now; nothing is left of it."
