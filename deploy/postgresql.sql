-- A role and a database for TokenServer on PostgreSQL 13 or later, run once as a superuser, with the role's password in the environment
-- (whoever may list processes sees what stands on a command line):
--
--   TOKENSERVER_PASSWORD=... runuser -u postgres -- psql --file=- postgres <deploy/postgresql.sql
--
-- It may be run again: it then sets the password and the settings. The tables are made by the server, at its first start.
-- From another machine only with TLS: hostssl and scram-sha-256 in pg_hba.conf; the server asks for it by itself (SSL Mode=VerifyFull).
\set ON_ERROR_STOP on
\set password `printenv TOKENSERVER_PASSWORD`
SELECT :'password' = '' AS no_password \gset
\if :no_password
    DO $$ BEGIN RAISE 'give a password, in the environment: TOKENSERVER_PASSWORD'; END $$;
\endif
\if :{?name}
\else
    \set name tokenserver
\endif

-- It owns its database's one schema, and is no superuser, makes no databases and no roles, and is a member of none. Other databases let it
-- connect as they let everybody, which PostgreSQL does unless told otherwise; where nobody else needs that:
-- REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SET password_encryption = 'scram-sha-256';
-- The server's log is not to have the password.
SET log_statement = 'none';
ALTER ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

-- Names are compared as bytes, on every machine alike: another collation may change with the C library, and its indexes with it.
-- A cluster of ICU's would give its own to the database (PostgreSQL 15 and later).
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8'' %s', :'name',
    CASE WHEN current_setting('server_version_num')::int >= 150000 THEN 'LOCALE_PROVIDER libc' ELSE '' END)
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
--   max_connections   for each replica its Maximum Pool Size (30 unless the connection string says otherwise), and as many again for one that
--                     starts before another has gone; 20 for commands, backups and people. Three replicas: 3 * 30 + 30 + 20 = 140.
--   shared_buffers    a quarter of the memory; fsync, full_page_writes and synchronous_commit stay on
