#!/bin/sh
# Run once by the Postgres image on an empty data folder: a user and a database for Airflow, and for the warehouse.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
    --set airflow_password="$(cat "$AIRFLOW_DB_PASSWORD_FILE")" \
    --set warehouse_password="$(cat "$WAREHOUSE_DB_PASSWORD_FILE")" <<'SQL'
create user airflow with password :'airflow_password';
create database airflow owner airflow;
create user warehouse with password :'warehouse_password';
create database warehouse owner warehouse;
-- neither user may look into the other's
revoke all on database airflow, warehouse from public;
-- the warehouse's roles, as `identity roles` makes them; each publish grants them their columns
create role identity_loader;
create role identity_analyst;
create role identity_analyst_personal;
create role identity_steward;
create role identity_eraser;
grant identity_loader to warehouse;
grant connect, create, temporary on database warehouse to identity_loader;
grant connect on database warehouse to identity_analyst, identity_analyst_personal, identity_steward, identity_eraser;
SQL
