#!/bin/sh
# A private PostgreSQL server for tests: over a unix socket, no durability, no network.
#
#   tests/pg.sh start DIR       make and start it in DIR, print its postgresql:// address
#   tests/pg.sh stop DIR        stop it and remove DIR
#   tests/pg.sh with COMMAND …  start one, run COMMAND with DB=pg and ANNOTARY_TEST_PG, stop it;
#                               77 (skipped) where PostgreSQL is not installed
#
# initdb refuses root, so root hands over to the user postgres, or nobody.
# DIR must be reachable by that user: a folder directly under /tmp is.
set -eu

die() { echo "pg.sh: $*" >&2; exit 1; }

find_bin() {
    for d in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
        if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then bin=$d; fi
    done
    [ -n "${bin:-}" ]
}

# Run as somebody who is not root.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$dir" LC_ALL=C "$@"
    else
        LC_ALL=C "$@"
    fi
}

start() {
    dir=$1
    find_bin || die "PostgreSQL is not installed"
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    [ ${#dir} -lt 80 ] || die "the name of the folder is too long for a unix socket"
    user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        user=nobody
        if id postgres >/dev/null 2>&1; then user=postgres; fi
        chown "$user" "$dir"
    fi
    cd "$dir"
    as_user "$bin/initdb" -D "$dir/data" -U annotary -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; die "initdb failed"; }
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 64MB
fsync = off
full_page_writes = off
autovacuum_naptime = 10min
max_locks_per_transaction = 512
CONF
    as_user "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >/dev/null 2>&1 </dev/null ||
        { cat "$dir/server.log" >&2; die "the server did not start"; }
    echo "postgresql:///postgres?host=$dir&user=annotary"
}

stop() {
    dir=$1
    find_bin || die "PostgreSQL is not installed"
    user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then user=$(stat -c %U "$dir/data"); fi
    cd "$dir"
    as_user "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    cd /
    rm -rf "$dir"
}

case ${1:-} in
start) [ $# -eq 2 ] || die "start DIR"; start "$2" ;;
stop) [ $# -eq 2 ] || die "stop DIR"; stop "$2" ;;
with)
    shift
    find_bin || { echo "SKIP: PostgreSQL is not installed"; exit 77; }
    here=$(pwd)
    top=$(mktemp -d /tmp/annotary-pg-XXXXXX)
    trap 'stop "$top"' EXIT
    trap 'exit 130' INT TERM
    ANNOTARY_TEST_PG=$(start "$top")
    DB=pg
    export ANNOTARY_TEST_PG DB
    cd "$here"
    rc=0
    "$@" || rc=$?
    exit $rc
    ;;
*) die "start DIR | stop DIR | with COMMAND …" ;;
esac
