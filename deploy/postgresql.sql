-- A role and a database for TokenServer on PostgreSQL 13 or later, run once as a superuser:
--
--   psql --set=password="$PASSWORD" --file=deploy/postgresql.sql postgres
--
-- It may be run again: it then sets the password and the settings. The tables are made by the server, at its first start.
-- From another machine only with TLS: hostssl and scram-sha-256 in pg_hba.conf; the server asks for it by itself (SSL Mode=VerifyFull).
\set ON_ERROR_STOP on
\if :{?password}
\else
    DO $$ BEGIN RAISE 'give a password: psql --set=password=...'; END $$;
\endif
\if :{?name}
\else
    \set name tokenserver
\endif

-- It owns its database's one schema, and is nothing else: no superuser, no other database, no other role.
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SET password_encryption = 'scram-sha-256';
-- The server's log is not to have the password.
SET log_statement = 'none';
ALTER ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

-- Names are compared as bytes, on every machine alike: another collation may change with the C library, and its indexes with it.
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8''', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"name";

-- An answer leaves the server only when its commit is on disk; off, a crash could bring back a token that was revoked. With a standby
-- in synchronous_standby_names, a failover cannot either.
ALTER DATABASE :"name" SET synchronous_commit = on;
ALTER DATABASE :"name" SET timezone = 'UTC';
-- No timeouts here: the server sets idle_in_transaction_session_timeout (10 s) for its own connections and gives up on a statement after
-- 10 s (Command Timeout), and a migration may have to take longer.

\connect :"name"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"name";

-- In postgresql.conf, for the whole cluster:
--   max_connections   for each replica its Maximum Pool Size (30 unless the connection string says otherwise), and as many again for each
--                     command that runs beside it; 20 for backups and people. Three replicas: 3 * 30 + 30 + 20 = 140.
--   shared_buffers    a quarter of the memory; fsync, full_page_writes and synchronous_commit stay on
