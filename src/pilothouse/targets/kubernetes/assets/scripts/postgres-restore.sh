#!/bin/sh
# Puts every database back to what is in $DUMPS, each in one transaction, as its own role.
# DATABASES has role:database pairs; /passwords has a file with the password of each role.
set -eu

# Whoever still has a table open is waited for, but not for ever: nothing is changed then.
export PGOPTIONS='-c lock_timeout=60s'

# All of them are read before the first database is touched.
for pair in $DATABASES; do
    database=${pair#*:}
    pg_restore --no-owner --no-privileges --file="$DUMPS/$database.sql" "$DUMPS/$database.dump"
done
for pair in $DATABASES; do
    role=${pair%%:*} database=${pair#*:}
    PGPASSWORD=$(cat "/passwords/$role") psql --no-psqlrc --quiet --output=/dev/null \
        --set=ON_ERROR_STOP=1 --single-transaction --username="$role" --dbname="$database" \
        --command='DROP SCHEMA public CASCADE' \
        --command='CREATE SCHEMA public AUTHORIZATION pg_database_owner' \
        --file="$DUMPS/$database.sql"
    echo "restored $database"
done
