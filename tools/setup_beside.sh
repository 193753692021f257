#!/usr/bin/env bash
# Makes an environment of .venv's packages and another: setup_beside.sh FOLDER PACKAGE
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 package=$2
[ -x "$folder/bin/python" ] || .venv/bin/python -m venv "$folder"
site() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
# as a line of a .pth file, so that the project's own .pth file is read too
echo "import site; site.addsitedir('$(site .venv)')" \
    >"$(site "$folder")/packages_of_venv.pth"
"$folder/bin/python" -m pip install --disable-pip-version-check -q "$package"
touch "$folder/.ready"
