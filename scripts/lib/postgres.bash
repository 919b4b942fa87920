# Finds, installs, starts and stops a private PostgreSQL. Sourced by scripts/servers, which sets home and name.
# shellcheck shell=bash disable=SC2154

pg_oldest=15

# PostgreSQL refuses to run as root, so root hands it to the user postgres.
as_pg() {
  if is_root; then runuser -u postgres -- "$@"; else "$@"; fi
}

# A checkout may lie where the user postgres may not go; then the data moves to a folder of its own in /tmp.
pg_set_paths() {
  pg_data=$home/postgres
  if is_root && id postgres >/dev/null 2>&1 && ! as_pg test -x "$home"; then
    local base
    base=/tmp/orrery-$(id -u)-$(printf %s "$home" | sha256sum | cut -c1-8)
    mkdir -p "$base"
    [ -O "$base" ] && [ ! -L "$base" ] || die "$base belongs to somebody else"
    chmod 711 "$base"
    pg_data=$base/postgres
  fi
}

pg_is_recent() {
  local version
  [ -x "$1/initdb" ] && [ -x "$1/pg_ctl" ] && [ -x "$1/postgres" ] || return 1
  version=$("$1/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
  [ "$version" -ge "$pg_oldest" ]
}

pg_search() {
  local folder
  # In /usr/lib/postgresql the newest version comes first.
  while read -r folder; do
    if pg_is_recent "$folder"; then
      pg_bin=$folder
      return 0
    fi
  done < <(
    if [ -n "${ORRERY_PG_BINDIR:-}" ]; then echo "$ORRERY_PG_BINDIR"; fi
    if have initdb; then dirname "$(command -v initdb)"; fi
    if have pg_config; then pg_config --bindir; fi
    find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql@* /usr/local/opt/postgresql@* \
      -maxdepth 2 -name bin 2>/dev/null | sort -rV
  )
  return 1
}

pg_find() {
  pg_search && return
  { apt_install postgresql && pg_search; } || advise "no PostgreSQL $pg_oldest or later found, and it cannot be installed here"
  # Before the package there was no user postgres to ask whether the folder can be reached.
  pg_set_paths
}

pg_pid() { head -n 1 "$pg_data/postmaster.pid" 2>/dev/null || true; }
pg_running() { is_process "$(pg_pid)" "$pg_data"; }

# Whether a module of PostgreSQL's contrib package is there; initdb and postgres may be links to their folder.
pg_has_module() {
  local config
  config=$(dirname "$(readlink -f "$pg_bin/postgres")")/pg_config
  [ -e "$("$config" --pkglibdir 2>/dev/null)/$1.so" ]
}

pg_settings() {
  # No socket: its path would be too long in a deep checkout, and nothing here needs one.
  printf "%s\n" "-c listen_addresses=127.0.0.1" "-c unix_socket_directories=" "-c port=$1" \
    "-c max_connections=300" "-c shared_buffers=${POSTGRES_BUFFERS_MB:-256}MB" "-c max_wal_size=${POSTGRES_WAL_MB:-1024}MB" "-c timezone=UTC" "-c log_timezone=UTC"
  # The tests kill processes, not machines, and what the kernel holds outlives a process. So they may do without
  # waiting for the disk; every other set is as durable as PostgreSQL is by default.
  if [ "$name" = test ]; then printf "%s\n" "-c fsync=off" "-c full_page_writes=off"; fi
  # The benchmark counts statements, but only in the databases that it asks them to be counted in.
  if [ "$name" = bench ] && pg_has_module pg_stat_statements; then
    printf "%s\n" "-c shared_preload_libraries=pg_stat_statements" "-c pg_stat_statements.track=none"
  fi
}

pg_start() {
  if pg_running; then
    pg_port=$(stored_port postgres)
    return
  fi
  if [ ! -f "$home/postgres.initialized" ]; then
    # What an interrupted initdb left behind would stop the next one.
    rm -rf "$pg_data"
    mkdir -p "$pg_data"
    if is_root; then chown postgres "$pg_data"; fi
    local locale=C.UTF-8
    if [ "$(uname)" = Darwin ]; then locale=en_US.UTF-8; fi
    as_pg "$pg_bin/initdb" --pgdata "$pg_data" --username postgres --auth trust --encoding UTF8 \
      --locale "$locale" --no-instructions >"$home/postgres.initdb.log" 2>&1 ||
      { show_log "$home/postgres.initdb.log"; die "initdb failed"; }
    touch "$home/postgres.initialized"
  fi
  # Nobody of ours runs there, whatever process has that number today.
  rm -f "$pg_data/postmaster.pid"

  local log=$pg_data/server.log
  for _ in 1 2 3; do
    pg_port=$(pick_port postgres)
    # Descriptor 9 is the lock, which must not live as long as the server.
    if as_pg "$pg_bin/pg_ctl" start --silent --wait --timeout 60 --pgdata "$pg_data" --log "$log" \
      --options "$(pg_settings "$pg_port" | tr '\n' ' ')" >/dev/null 2>&1 </dev/null 9>&-; then
      store_port postgres "$pg_port"
      return
    fi
    # Somebody else may have taken the port in between.
    rm -f "$home/postgres.port"
    tail -n 5 "$log" 2>/dev/null | grep -q 'Address already in use' || break
  done
  show_log "$log"
  die "PostgreSQL did not start"
}

pg_stop() {
  pg_running || return 0
  pg_search || die "cannot stop PostgreSQL: its programs are gone"
  as_pg "$pg_bin/pg_ctl" stop --silent --mode fast --timeout 60 --pgdata "$pg_data" >/dev/null 2>&1 ||
    as_pg "$pg_bin/pg_ctl" stop --silent --mode immediate --timeout 20 --pgdata "$pg_data" >/dev/null 2>&1 ||
    die "PostgreSQL does not stop; its process is $(pg_pid)"
}
