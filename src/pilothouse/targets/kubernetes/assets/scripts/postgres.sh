#!/bin/sh
# Starts PostgreSQL on $PGDATA; makes the cluster first, under another name, if there is none.
# DATABASES has role:database pairs; /passwords has a file with the password of each role.
# READER is the role that reads every database, for backups, and changes none.
set -eu

# Only lines that have no statement in them: a statement can have a password.
single() {
    done=0
    postgres --single -D "$1" postgres >/tmp/single.log 2>&1 || done=$?
    if grep -E 'ERROR|FATAL|PANIC' /tmp/single.log || [ "$done" != 0 ]; then exit 1; fi
}

create() {
    known="SELECT FROM pg_roles WHERE rolname = '$1'"
    echo "DO \$\$BEGIN IF NOT EXISTS ($known) THEN CREATE ROLE $1 LOGIN; END IF; END\$\$"
}

# Held until the last process of this server has ended. So what a killed one left behind is stale,
# and it names process 1, which every container has.
exec 9>"$PGDATA.lock"
flock 9
rm -f "$PGDATA/postmaster.pid"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    rm -rf "$PGDATA.new"
    initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
        --auth-host=scram-sha-256 --auth-local=reject --no-instructions --no-sync
    echo 'host all all all scram-sha-256' >>"$PGDATA.new/pg_hba.conf"
    for role in $(ls /passwords); do
        create "$role"
    done | single "$PGDATA.new"
    for pair in $DATABASES; do
        echo "CREATE DATABASE ${pair#*:} OWNER ${pair%%:*}"
        echo "REVOKE ALL ON DATABASE ${pair#*:} FROM PUBLIC"
    done | single "$PGDATA.new"
    sync
    mv "$PGDATA.new" "$PGDATA"
fi
{
    for role in $(ls /passwords); do
        create "$role"
        echo "ALTER ROLE $role PASSWORD '$(cat "/passwords/$role")'"
    done
    echo "GRANT pg_read_all_data TO $READER"
    for pair in $DATABASES; do
        echo "GRANT CONNECT ON DATABASE ${pair#*:} TO $READER"
    done
} | single "$PGDATA"
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp
