#!/bin/sh
# Puts the locked dependencies and Python 3.10 into .venv, with a uv of the project's own in .tools.
#   tools/setup.sh run   what the product needs
#   tools/setup.sh dev   that, and what tests and checks need
# It does nothing when .venv is up to date.
set -eu

UV_VERSION=0.13.9
level=$1
cd "$(dirname "$0")/.."
# uv must act on .venv, whatever environment is active in this shell.
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT 2>/dev/null || true

fail() {
  echo "error: $*" >&2
  exit 1
}

# Everything that decides what is in .venv, compared as a whole.
wanted=$(cat tools/setup.sh .python-version pyproject.toml uv.lock)
up_to_date() {
  [ -x .venv/bin/python ] && [ -f ".venv/synced-$1" ] && [ "$wanted" = "$(cat ".venv/synced-$1")" ]
}

own_uv() {
  [ -x .tools/bin/uv ] && [ "$(.tools/bin/uv --version | cut -d ' ' -f 2)" = "$UV_VERSION" ] && return
  command -v python3 >/dev/null 2>&1 ||
    fail "python3 is missing: install it (Debian/Ubuntu: apt install python3 python3-venv; macOS: xcode-select --install)."
  echo "Setting up uv $UV_VERSION in .tools ..."
  rm -rf .tools
  python3 -m venv .tools >/dev/null 2>&1 || {
    rm -rf .tools
    fail "python3 cannot make virtual environments: install its venv module (Debian/Ubuntu: apt install python3-venv)."
  }
  .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >.tools/setup.log 2>&1 ||
    fail "uv could not be downloaded: check the network connection and try again (details: .tools/setup.log)."
}

python_3_10() {
  .tools/bin/uv python find --quiet 3.10 >/dev/null 2>&1 && return
  echo "Downloading Python 3.10 ..."
  .tools/bin/uv python install 3.10 2>.tools/setup.log ||
    fail "Python 3.10 is not installed and could not be downloaded: check the network connection, or install it (macOS: brew install python@3.10; elsewhere: pyenv install 3.10) and try again (details: .tools/setup.log)."
}

sync() {
  echo "Installing the locked dependencies (about 3 GB on disk; the first time takes some minutes) ..."
  # Compiled now: where Python may not write what it compiles (PYTHONDONTWRITEBYTECODE, as in many images), each of the
  # processes would compile 2,000 modules whenever it starts, and that is more than half of its time.
  .tools/bin/uv sync --frozen --compile-bytecode "$@" ||
    fail "the dependencies could not be installed: see the lines above; if the network failed, try again: what arrived is kept."
}

up_to_date "$level" && exit 0
own_uv
python_3_10
if [ "$level" = dev ] || [ -f .venv/synced-dev ]; then
  sync
  printf '%s' "$wanted" >.venv/synced-dev
else
  sync --no-dev
fi
printf '%s' "$wanted" >.venv/synced-run
