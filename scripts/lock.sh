#!/bin/sh
# Pins the dependencies of pyproject.toml anew, with hashes and without the address of any index.
# requirements.lock: everything. At the same versions: requirements-run.lock, what running needs;
# requirements-image.lock, that and the export of traces.
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
compile pyproject.toml --extra dev --extra otlp --output-file requirements.lock "$@"
# The build backend rides along so that installing the project fetches nothing unpinned.
rides() { printf 'hatchling\neditables\n'; }
rides | compile pyproject.toml - --constraint requirements.lock --output-file requirements-run.lock
rides | compile pyproject.toml - --extra otlp --constraint requirements.lock \
    --output-file requirements-image.lock
if grep -nE 'https?://' requirements*.lock; then
    echo "a lock names a host; remove it" >&2
    exit 1
fi
