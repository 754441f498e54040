#!/bin/sh
# Gets a Chromium for the browser tests: Debian's own where apt-get may install it, playwright's elsewhere.
set -eu
cd "$(dirname "$0")/.."

[ -x /usr/bin/chromium ] && exit 0

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Ubuntu's chromium package is a snap, which no container can install.
if grep -qs '^ID=debian' /etc/os-release && as_root true 2>/dev/null; then
  echo "Installing chromium for the browser tests ..."
  as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
.venv/bin/python -m playwright install chromium || {
  echo "error: no browser for the browser tests: install chromium (Debian: apt install chromium) or check the network connection." >&2
  exit 1
}
