#!/usr/bin/env bash
# Makes .venv-jax: the packages of .venv, and JAX for the CPU.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x .venv-jax/bin/python ] || .venv/bin/python -m venv .venv-jax
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
own=$(.venv-jax/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# as a line of a .pth file, so that the project's own .pth file is read too
echo "import site; site.addsitedir('$packages')" >"$own/packages_of_venv.pth"
.venv-jax/bin/python -m pip install --disable-pip-version-check -q "jax[cpu]>=0.7"
touch .venv-jax/.ready
