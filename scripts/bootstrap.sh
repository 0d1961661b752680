#!/bin/sh
# Makes .venv ready: `scripts/bootstrap.sh run` (to run the platform) or `dev` (also tests and tools).
# A second call returns at once; a changed lock, pyproject.toml, interpreter or folder installs anew.
# It only ever writes .venv, and never touches a data folder.
set -eu

want=${1:-dev}
case $want in
    run) lock=requirements-run.lock ;;
    dev) lock=requirements.lock ;;
    *) echo "usage: scripts/bootstrap.sh run|dev" >&2; exit 2 ;;
esac
cd -- "$(dirname -- "$0")/.."
PYTHONUTF8=1
PIP_DISABLE_PIP_VERSION_CHECK=1
PIP_NO_INPUT=1
export PYTHONUTF8 PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT
# A caller's virtual environment or PYTHONPATH must not leak into ours.
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH || true

stop() {  # stop WHAT FIX...: one sentence and the line that mends it
    printf '\n  %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '      %s\n' "$line" >&2; done
    printf '\n' >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        command -v "$name" >/dev/null 2>&1 || continue
        found=$name
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            return
        fi
    done
    if [ -z "${found:-}" ]; then
        stop "Python 3.11+ is missing (缺少 Python 3.11 以上版本). As root:" \
            "apt-get update && apt-get install -y python3 python3-venv"
    fi
    stop "Python 3.11+ is needed, this is $("$found" --version 2>&1) (Python 版本过低). Then, if it has another name:" \
        "make PYTHON=python3.12 ..."
}

find_python
# What a set-up belongs to: this interpreter and this folder (python knows its own path, shims lie).
identity=$("$python" -c 'import sys; print(sys.version.split()[0], sys.base_prefix)')" $(pwd -P)"
stamp_of() { printf '%s' "$(cat "$1" pyproject.toml | cksum) $identity"; }
is_ready() { [ -x .venv/bin/python ] && [ "$(cat ".venv/.ready-$1" 2>/dev/null)" = "$(stamp_of "$2")" ]; }
# A development set-up also serves to run.
if is_ready dev requirements.lock || is_ready "$want" "$lock"; then exit 0; fi

"$python" -c '
import sqlite3, sys
sys.exit(sqlite3.sqlite_version_info < (3, 35))' 2>/dev/null || stop \
    "SQLite 3.35 or newer is needed by Python's sqlite3 module (需要 SQLite 3.35 以上). As root:" \
    "apt-get update && apt-get install -y libsqlite3-0 python3"
"$python" -c 'import ensurepip, venv' 2>/dev/null || stop \
    "The venv module of Python is missing (缺少 venv 模块). As root:" \
    "apt-get update && apt-get install -y python3-venv"

echo "==> setting up .venv from $lock, once; a minute or two (首次安装依赖，约一两分钟)" >&2
rm -f .venv/.ready-run .venv/.ready-dev
# An environment of another interpreter, or one moved here from elsewhere, is replaced.
if [ "$(cat .venv/.made-by 2>/dev/null)" != "$identity" ]; then
    "$python" -m venv --clear .venv || stop "python -m venv failed; see above (虚拟环境创建失败)." \
        "apt-get update && apt-get install -y python3-venv"
    printf '%s' "$identity" >.venv/.made-by
fi

# A path file is read in the locale's encoding: an absolute path with Chinese in it would stop python
# itself under LC_ALL=C, so ours is made relative to site-packages.
relative_path_file() {
    for file in .venv/lib/python3.*/site-packages/*xinfang.pth; do
        if [ -f "$file" ]; then printf '../../../..\n' >"$file"; fi
    done
}

relative_path_file
pip() { .venv/bin/python -m pip --quiet --quiet "$@"; }  # errors only
pip install --require-hashes -r "$lock" || stop \
    "Installing the pinned packages failed; see above (依赖安装失败). No network, or behind a mirror? Name yours and run make again:" \
    "export PIP_INDEX_URL=<your package index>"
# The lock has the build backend too, so that nothing unpinned is fetched here.
pip install --no-deps --no-build-isolation -e . || stop "Installing xinfang itself failed; see above (本项目安装失败)." \
    "rm -r .venv && make"
relative_path_file
stamp_of "$lock" >".venv/.ready-$want"
