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
SQL
