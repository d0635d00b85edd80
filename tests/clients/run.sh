#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run clients that others wrote against the emulator: tests/clients/run.sh [ARGUMENT OF PYTEST...], or make test-clients.
# Azure CLI and azure.azcollection get environments of their own in .cache, pinned by tests/requirements. Needs Python 3.11 or later and PyPI,
# for nslookup Debian's package bind9-dnsutils, and for the SDK for JavaScript node, npm and its registry.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv
cache=$root/.cache
own=$cache/clients
peer=$cache/azcollection
javascript=$cache/javascript
requirements=$root/tests/requirements

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

# nslookup comes from Debian, where one may install packages
install_nslookup() {
    if command -v nslookup > /dev/null; then
        return
    fi
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        echo 'There is no nslookup, and no root or no apt-get to install it: its tests are skipped.' >&2 && return
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install --yes --no-install-recommends bind9-dnsutils; } > "$own/apt.log" 2>&1 \
        || echo "nslookup could not be installed, see ${own#"$root"/}/apt.log: its tests are skipped." >&2
}

unpack='
import pathlib, sys, zipfile
(wheel,) = pathlib.Path(sys.argv[1]).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(f"ansible_collections/{sys.argv[3]}/")])
'

# unpack_collection NAME LOCK DIRECTORY: azure.azcollection and awx.awx are published on PyPI inside the package ansible; the other collections in it
# stay there
unpack_collection() {
    local stamp wheels=$3/wheels
    stamp=$(lock_stamp "$2")
    if [ "$(cat "$3/collections/lock" 2> /dev/null)" = "$stamp" ]; then
        return
    fi
    rm -rf "$3/collections" "$wheels"
    "$peer/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$wheels" --requirement "$2" \
        && "$peer/bin/python" -c "$unpack" "$wheels" "$3/collections" "$1" \
        && rm -rf "$wheels" \
        && echo "$stamp" > "$3/collections/lock"
}

# tell PART CODE: how it went, and how long it took since the last one
since=$SECONDS
tell() {
    printf '%-28s %s %4d s\n' "$1" "$([ "$2" = 0 ] && echo passed || echo FAILED)" $((SECONDS - since)) >&2
    since=$SECONDS
}

make_peer() {
    compile=0 make_venv "$peer" "$requirements/azcollection.txt" 3.12 3.13 3.11 \
        && unpack_collection azure/azcollection "$requirements/ansible.txt" "$peer" \
        && unpack_collection awx/awx "$requirements/awx.txt" "$cache/awx"
}

# Azure's SDK for JavaScript, where there are node and npm
install_javascript() {
    local stamp from=$root/tests/clients/javascript
    if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
        echo 'There is no node or no npm: the test with the SDK for JavaScript is skipped.' >&2 && return
    fi
    stamp=$(lock_stamp "$from/package-lock.json")
    if [ "$(cat "$javascript/lock" 2> /dev/null)" = "$stamp" ]; then
        return
    fi
    rm -rf "$javascript" && mkdir -p "$javascript" && cp "$from/package.json" "$from/package-lock.json" "$javascript"
    if npm ci --prefix "$javascript" --cache "$cache/npm" --ignore-scripts --no-audit --no-fund > "$own/npm.log" 2>&1; then
        echo "$stamp" > "$javascript/lock"
    else
        rm -rf "$javascript"
        echo "The SDK for JavaScript could not be installed, see ${own#"$root"/}/npm.log: its test is skipped." >&2
    fi
}

# Side by side, since most of it is waiting for PyPI and Debian. Azure CLI and azure.azcollection are large, and little of them is used: what is
# imported is compiled when it is imported.
make_environments() {
    local jobs=() job code=0
    install_nslookup &
    jobs+=($!)
    make_venv "$cache/ends/oldest" "$requirements/oldest.txt" 3.12 3.11 &
    jobs+=($!)
    compile=0 make_venv "$cache/azure-cli" "$requirements/azure-cli.txt" 3.12 3.13 3.11 &
    jobs+=($!)
    make_peer &
    jobs+=($!)
    install_javascript &
    jobs+=($!)
    make_venv "$venv" "$requirements/tools.txt" 3.12 3.13 3.14 3.11 || code=$?
    for job in "${jobs[@]}"; do
        wait "$job" || code=$?
    done
    return "$code"
}

mkdir -p "$own"
: > "$own/journal"
code=0
make_environments || code=$?
tell environments "$code"
[ "$code" = 0 ] || exit "$code"

own_environment "$own" "$venv"
export NO_COLOR=1 ANSIBLE_FORCE_COLOR=0 ANSIBLE_COLLECTIONS_PATH=$own/collections
export CLIENTS_CACHE=$cache CLIENTS_JOURNAL=$own/journal
copy_checkout "$own/tree/ansible_collections/privatelink/azure"
install_collection "$own/tree/ansible_collections/privatelink/azure" "$own" > "$own/build.log"
tell build 0

cd "$root"
# each test process starts an emulator and waits for one client at a time
workers=$(nproc 2> /dev/null || echo 2)
pytest --quiet -r s --numprocesses "$((workers > 5 ? 5 : workers < 2 ? 2 : workers))" --dist loadfile --no-loadscope-reorder tests/clients "$@" || code=$?
tell tests "$code"
echo 'What ran against the emulator:'
awk -F '\t' '{ sum[$2] += $1 } END { for (kind in sum) printf "%6d %s\n", sum[kind], kind }' "$own/journal" | sort -k 2
exit "$code"
