#!/usr/bin/env bash
# Installs Chromium for the browser tests where it may; they are skipped without it.
set -euo pipefail
command -v chromium >/dev/null 2>&1 && exit 0
command -v chromium-browser >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        prefix=""
    elif sudo -n true 2>/dev/null; then
        prefix="sudo -n"
    else
        prefix=none
    fi
    if [ "$prefix" != none ]; then
        echo "tests: installing chromium for the browser tests"
        $prefix apt-get update -qq >/dev/null 2>&1 || true
        $prefix apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0
    fi
fi
echo "tests: no chromium, so the browser tests are skipped" >&2
