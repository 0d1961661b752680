#!/bin/sh
# Writes what docker compose needs, once each: .env (no secrets) and secrets/ (one file per secret).
# What is there already is left alone. compose_env.sh [FOLDER], default: the project's folder.
# XINFANG_NAME: first part of the names of roles, databases and the virtual host.
set -eu
project=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
folder=${1:-$project}
name=${XINFANG_NAME:-xinfang}
postgres=${XINFANG_POSTGRES_ADDRESS:-postgres:5432}
rabbitmq=${XINFANG_RABBITMQ_ADDRESS:-rabbitmq:5672}
cd -- "$folder"

key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
word() { head -c 24 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }
secret() {  # secret FILE TEXT: readable in containers under any user, guarded by the folder
    if [ ! -e "secrets/$1" ]; then
        printf '%s\n' "$2" >"secrets/$1"
        chmod 444 "secrets/$1"
        fresh=yes
    fi
}

fresh=
umask 077
mkdir -p secrets
secret postgres_password "$(word)"
secret database_url_admin "postgresql://postgres:$(cat secrets/postgres_password)@$postgres/postgres"
secret database_url_migrate "postgresql+asyncpg://${name}_migrate:$(word)@$postgres/${name}_{service}"
secret bus_url_migrate "amqp://${name}_migrate:$(word)@$rabbitmq/$name"
secret bus_url_tools "amqp://${name}_tools:$(word)@$rabbitmq/$name"
for service in intake routing supervision analytics; do
    secret "database_url_$service" \
        "postgresql+asyncpg://${name}_$service:$(word)@$postgres/${name}_$service"
    secret "bus_url_$service" "amqp://${name}_$service:$(word)@$rabbitmq/$name"
done
secret vault_keys "k1:$(key)"
secret query_code_key "$(key)"
secret grant_keys "k1:$(key)"
secret grafana_password "$(word)"
secret keycloak_password "$(word)"
secret keycloak_realm \
    "$(sed "s/@PASSWORD@/$(cat secrets/keycloak_password)/" "$project/deploy/keycloak/realm.json")"

if [ ! -e .env ]; then
    cat >.env <<END
XINFANG_ROOT_DIVISION=${XINFANG_ROOT_DIVISION:-43}
XINFANG_PORT=${XINFANG_PORT:-8000}
END
fi
if [ -n "$fresh" ]; then
    echo "wrote fresh secrets into secrets/; without secrets/vault_keys nobody can ever read a" \
        "petitioner's name again: keep a copy in a safe place (已生成密钥，请妥善备份)" >&2
fi
