#!/bin/sh
# Reads secrets from files (NAME_FILE holds the path of a file with NAME's value), then runs the command.
set -eu

read_secret() {
    eval "path=\${$1_FILE:-}"
    if [ -n "$path" ]; then
        value=$(cat "$path")
        export "$1=$value"
        unset "$1_FILE"
    fi
}

for name in AIRFLOW__CORE__FERNET_KEY AIRFLOW__API__SECRET_KEY AIRFLOW__API_AUTH__JWT_SECRET AIRFLOW_DB_PASSWORD \
    WAREHOUSE_DB_PASSWORD; do
    read_secret "$name"
done

if [ -n "${AIRFLOW_DB_HOST:-}" ]; then
    export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="postgresql+psycopg2://airflow:${AIRFLOW_DB_PASSWORD}@${AIRFLOW_DB_HOST}:5432/airflow"
fi

# libpq's own variable: the address of the warehouse names no password
if [ -n "${WAREHOUSE_DB_PASSWORD:-}" ]; then
    export PGPASSWORD="$WAREHOUSE_DB_PASSWORD"
    unset WAREHOUSE_DB_PASSWORD
fi

exec "$@"
