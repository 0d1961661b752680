#!/bin/sh
# Writes .env with fresh secrets for docker compose, once; an existing .env is left alone.
set -eu
cd -- "$(dirname -- "$0")/.."
if [ -e .env ]; then exit 0; fi
secret() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
word() { head -c 18 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }
umask 077
cat >.env <<END
# Secrets of this deployment; without XINFANG_VAULT_KEYS nobody can ever read a petitioner's name again.
POSTGRES_PASSWORD=$(word)
RABBITMQ_PASSWORD=$(word)
XINFANG_VAULT_KEYS=k1:$(secret)
XINFANG_QUERY_CODE_KEY=$(secret)
XINFANG_ROOT_DIVISION=${XINFANG_ROOT_DIVISION:-43}
XINFANG_PORT=${XINFANG_PORT:-8000}
END
echo "wrote .env with fresh secrets; keep a copy in a safe place (已生成 .env，请妥善备份)" >&2
