#!/usr/bin/env bash
# Makes a PostgreSQL and a RabbitMQ answer for the tests and prints where, as lines for `eval`.
# PostgreSQL lies in memory where there is room: a test makes a database and drops it, and on a disk
# each drop waits for a checkpoint. Otherwise: what answers already, or is installed, or Debian has.
# A second call finds everything answering and returns at once. What cannot be had is an error.
set -euo pipefail
cd -- "$(dirname -- "$0")/.."

postgres_url=${XINFANG_TEST_POSTGRES_URL:-postgresql://postgres@127.0.0.1:5432/postgres}
amqp_url=${XINFANG_TEST_AMQP_URL:-amqp://guest:guest@127.0.0.1:5672/}
memory=/dev/shm/xinfang-postgres-$(id -u)
memory_port=$((54400 + $(id -u) % 1000))
memory_url=postgresql://postgres@127.0.0.1:$memory_port/postgres
memory_kb=2000000  # a run holds a few hundred small databases at once
own_port=54329  # of our own cluster, where the machine's one wants a password
own_url=postgresql://postgres@127.0.0.1:$own_port/postgres

say() { echo "    $*" >&2; }
fail() { echo "services: $*" >&2; exit 1; }
python() { PYTHONUTF8=1 .venv/bin/python "$@"; }

postgres_answers() {
    python - "$1" 2>/dev/null <<'PYTHON'
import asyncio, sys
import asyncpg

async def ask():
    connection = await asyncpg.connect(sys.argv[1], timeout=5)
    may_create = await connection.fetchval("select rolcreatedb from pg_roles where rolname = current_user")
    await connection.close()
    sys.exit(0 if may_create else 1)

asyncio.run(ask())
PYTHON
}

rabbitmq_answers() {
    python - "$1" 2>/dev/null <<'PYTHON'
import asyncio, sys
import aio_pika

async def ask():
    connection = await aio_pika.connect(sys.argv[1], timeout=5)
    await connection.close()

asyncio.run(ask())
PYTHON
}

wait_for() {  # wait_for SECONDS COMMAND...: until it succeeds
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 1
    done
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

install() {
    command -v apt-get >/dev/null || fail "$* missing, and no apt-get here; start them by hand"
    say "installing $* from Debian's packages"
    as_root apt-get update -qq >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        fail "could not install $*; as root: apt-get update && apt-get install -y $*"
}

newest_postgres() {
    [ -d /usr/lib/postgresql ] || install postgresql
    find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -n 1
}

start_in_memory() {  # fails where there is no room, or a server can't be run
    local bin
    bin=/usr/lib/postgresql/$(newest_postgres)/bin || return 1
    [ -x "$bin/initdb" ] && [ "$(free_kb)" -ge "$memory_kb" ] || return 1
    say "making a PostgreSQL in $memory (stop it: pg_ctl stop -D $memory/data)"
    mkdir -p "$memory" && chmod 700 "$memory" || return 1
    [ "$(id -u)" != 0 ] || chown postgres "$memory" || return 1
    if [ ! -f "$memory/data/PG_VERSION" ]; then
        as_postgres "$bin/initdb" -D "$memory/data" -A trust -U postgres >/dev/null || return 1
    fi
    as_postgres "$bin/pg_ctl" -D "$memory/data" -l "$memory/log" -w -t 30 start >/dev/null \
        -o "-p $memory_port -k $memory -c listen_addresses=127.0.0.1 -c max_connections=200" || return 1
    postgres_answers "$memory_url"
}

free_kb() { df --output=avail -k /dev/shm 2>/dev/null | tail -n 1 || echo 0; }

as_postgres() {  # a server refuses to run as root
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
    local version
    version=$(newest_postgres)
    if [ -d "/etc/postgresql/$version/main" ]; then
        say "starting PostgreSQL $version"
        as_root pg_ctlcluster --skip-systemctl-redirect "$version" main start >&2 || true
        if wait_for 20 postgres_answers "$postgres_url"; then return; fi
    fi
    [ -z "${XINFANG_TEST_POSTGRES_URL:-}" ] || fail "nothing answers at XINFANG_TEST_POSTGRES_URL"
    say "making a PostgreSQL cluster of our own on port $own_port"
    if [ ! -d "/etc/postgresql/$version/xinfang_test" ]; then
        as_root pg_createcluster "$version" xinfang_test --port "$own_port" -- --auth=trust >&2
    fi
    as_root pg_ctlcluster --skip-systemctl-redirect "$version" xinfang_test start >&2 || true
    wait_for 60 postgres_answers "$own_url" || fail "PostgreSQL does not answer at port $own_port"
    postgres_url=$own_url
}

start_rabbitmq() {
    command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ] || install rabbitmq-server
    if wait_for 15 rabbitmq_answers "$amqp_url"; then return; fi  # the package may have started it
    say "starting RabbitMQ"
    PATH=$PATH:/usr/sbin as_root rabbitmq-server -detached >&2 || true
    wait_for 90 rabbitmq_answers "$amqp_url" || fail "RabbitMQ does not answer at ${amqp_url##*@}"
}

if [ -z "${XINFANG_TEST_POSTGRES_URL:-}" ] && { postgres_answers "$memory_url" || start_in_memory; }; then
    postgres_url=$memory_url
elif ! postgres_answers "$postgres_url"; then
    if [ -z "${XINFANG_TEST_POSTGRES_URL:-}" ] && postgres_answers "$own_url"; then
        postgres_url=$own_url
    else
        start_postgres
    fi
fi
rabbitmq_answers "$amqp_url" || start_rabbitmq
say "PostgreSQL answers at ${postgres_url##*@}, RabbitMQ at ${amqp_url##*@}"
printf 'export XINFANG_TEST_POSTGRES_URL=%q XINFANG_TEST_AMQP_URL=%q\n' "$postgres_url" "$amqp_url"
