#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# From nothing to a private Key Vault, twice, on the emulator: make demo. Needs Python 3.11 or later and PyPI.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache/demo
venv=$root/.venv
emulator=$cache/emulator
vars=$root/tests/demo/vars.yml

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
emulate() { PYTHONPATH=$root/tests python -m emulator "$@" --directory "$emulator"; }
value() { python -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))[sys.argv[2]])' "$vars" "$1"; }
rollout() { ansible-playbook privatelink.azure.rollout --extra-vars "@$vars" | tee "$cache/rollout.log"; }

mkdir -p "$cache"
# the tools of the tests hold all that the demonstration needs
if [ "$(cat "$venv/lock" 2> /dev/null)" != "$(lock_stamp "$root/tests/requirements/tools.txt")" ]; then
    make_venv "$venv" "$root/tests/requirements/demo.txt" 3.12 3.13 3.14 3.11
fi
own_environment "$cache" "$venv"
export ANSIBLE_COLLECTIONS_PATH=$cache/collections ANSIBLE_DISPLAY_SKIPPED_HOSTS=false ANSIBLE_CALLBACK_RESULT_FORMAT=yaml
copy_checkout "$cache/tree/ansible_collections/privatelink/azure"
install_collection "$cache/tree/ansible_collections/privatelink/azure" "$cache" > /dev/null

emulate stop > /dev/null # an interrupted demonstration may have left one
trap 'emulate stop' EXIT
emulate start > /dev/null
eval "$(emulate env)"

say 'The first rollout makes everything.'
rollout

say 'The second changes nothing.'
rollout
if ! grep -q 'changed=0 .*failed=0' "$cache/rollout.log"; then
    echo 'The second rollout changed something.' >&2
    exit 1
fi

say "The vault's connection and its private address."
ansible-playbook privatelink.azure.status --extra-vars "@$vars"

name=$(value demo_vault_host)
say "$name, from a machine in the linked virtual network:"
emulate lookup "$name" --network "$(value demo_network_id)"
say "$name, from the internet:"
emulate lookup "$name"
