#!/bin/sh
# Dumps every database to $DUMPS/<database>.dump, as the user of libpq's variables.
# DATABASES has role:database pairs.
set -eu

for pair in $DATABASES; do
    database=${pair#*:}
    pg_dump --format=custom --no-owner --no-privileges --file="$DUMPS/$database.dump" "$database"
done
