#!/bin/sh
# Draws the secrets that compose.yaml reads, once; existing ones stay.
set -eu
folder=$(dirname "$0")/secrets
umask 077
mkdir -p "$folder"
draw() {
    [ -s "$folder/$1" ] || python3 -c "$2" >"$folder/$1"
}
for name in postgres_password airflow_db_password warehouse_db_password api_secret_key jwt_secret; do
    draw "$name" 'import secrets; print(secrets.token_hex(24), end="")'
done
# Fernet keys are 32 url-safe base64 bytes
draw fernet_key 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode(), end="")'
# the containers run as another user; on the host the folder itself is closed
chmod 644 "$folder"/*
echo "secrets are in $folder"
