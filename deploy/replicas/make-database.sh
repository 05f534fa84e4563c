#!/usr/bin/env bash
# Run once by the container of PostgreSQL, as its superuser: the role and the database, see postgresql.sql.
set -euo pipefail
TOKENSERVER_PASSWORD=$(cat /run/secrets/password) psql --file=/deploy/postgresql.sql postgres
