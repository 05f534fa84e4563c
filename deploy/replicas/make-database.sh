#!/usr/bin/env bash
# Run once by the container of PostgreSQL, as its superuser: the role and the database, see postgresql.sql.
set -euo pipefail
psql --set=password="$(cat /run/secrets/password)" --file=/deploy/postgresql.sql postgres
