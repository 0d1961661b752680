#!/bin/sh
# Pins the dependencies of pyproject.toml anew, with hashes and without the address of any index.
# requirements.lock: everything. requirements-run.lock: what running needs, at the same versions.
set -eu
cd -- "$(dirname -- "$0")/.."
uv_version=0.13.9

if ! .venv/bin/python -c 'import uv' 2>/dev/null; then
    .venv/bin/python -m pip --quiet install "uv==$uv_version"
fi
compile() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
compile pyproject.toml --extra dev --output-file requirements.lock "$@"
# The build backend rides along so that installing the project fetches nothing unpinned.
printf 'hatchling\neditables\n' |
    compile pyproject.toml - --constraint requirements.lock --output-file requirements-run.lock
if grep -nE 'https?://' requirements.lock requirements-run.lock; then
    echo "a lock names a host; remove it" >&2
    exit 1
fi
