#!/usr/bin/env bash
# Makes .venv from requirements.lock, and installs bubblewrap where it may.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.11 python3.12 python3.13; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "setup: Expected Python >= 3.11 with venv. Received: $(python3 --version 2>&1)." \
        "Install it, or name it: make setup PYTHON=/path/to/python3.12" >&2
    exit 2
}

install_packages() {
    local log=.venv/setup.log
    echo "setup: installing $(grep -c '==' requirements.lock) packages," \
        "some minutes the first time (log: $log)"
    {
        .venv/bin/python -m pip install --disable-pip-version-check -r requirements.lock &&
        .venv/bin/python -m pip install --disable-pip-version-check --no-deps \
            --no-build-isolation --editable .
    } >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        echo "setup: Expected pip to install requirements.lock. Received: the error above." \
            "Run the command again once it is mended." >&2
        exit 2
    }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_bubblewrap() {
    [ "$(uname -s)" = Linux ] || return 0
    command -v bwrap >/dev/null 2>&1 && return 0
    if command -v apt-get >/dev/null 2>&1 &&
        { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        echo "setup: installing bubblewrap"
        as_root apt-get update -qq >/dev/null 2>&1 || true
        as_root apt-get install -y -qq bubblewrap >/dev/null 2>&1 && return 0
    fi
    echo "setup: grading needs bubblewrap, which shuts submissions in." \
        "Type: sudo apt install bubblewrap" >&2
}

python=$(find_python)
[ -x .venv/bin/python ] || "$python" -m venv .venv
install_packages
# Matplotlib's list of fonts takes seconds to make, so sandboxed processes share one.
MPLCONFIGDIR=.venv/share/matplotlib .venv/bin/python -c 'import matplotlib.font_manager'
install_bubblewrap
touch .venv/.ready
echo "setup: done"
