#!/usr/bin/env bash
# Makes .venv-otter: the packages of .venv, and Otter-Grader to compare with.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv-otter/bin/python ] || .venv/bin/python -m venv .venv-otter
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
own=$(.venv-otter/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# as a line of a .pth file, so that the project's own .pth file is read too
echo "import site; site.addsitedir('$packages')" >"$own/packages_of_venv.pth"
.venv-otter/bin/python -m pip install --disable-pip-version-check -q "otter-grader==7.0.0"
touch .venv-otter/.ready
