#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# From nothing to a private Key Vault, twice, on the emulator: make demo, tests/demo.sh.
# The emulator alone, to try things in another terminal until Ctrl-C: make playground, tests/demo.sh playground.
# Needs Python 3.11 or later and PyPI. The emulator listens on 127.0.0.1 only.

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

install() {
    # the tools of the tests hold all that the demonstration needs
    if [ "$(cat "$venv/lock" 2> /dev/null)" != "$(lock_stamp "$root/tests/requirements/tools.txt")" ]; then
        say 'Installing ansible-core, the Azure SDK and the emulator into .venv, if they are not there: half a minute, the first time.'
        make_venv "$venv" "$root/tests/requirements/demo.txt" 3.12 3.13 3.14 3.11
    fi
    own_environment "$cache" "$venv"
    export ANSIBLE_COLLECTIONS_PATH=$cache/collections ANSIBLE_DISPLAY_SKIPPED_HOSTS=false ANSIBLE_CALLBACK_RESULT_FORMAT=yaml
    say 'Building the collection and installing it into .cache/demo.'
    copy_checkout "$cache/tree/ansible_collections/privatelink/azure"
    install_collection "$cache/tree/ansible_collections/privatelink/azure" "$cache" > /dev/null
}

start_emulator() {
    say 'Starting the emulator of Azure on 127.0.0.1: Resource Manager, Entra ID, DNS and the vaults themselves.'
    emulate stop > /dev/null # an interrupted demonstration may have left one
    trap 'emulate stop' EXIT
    emulate start > /dev/null
    eval "$(emulate env)"
}

demo() {
    say 'The first rollout creates everything: resource group, network, vault, private endpoint, DNS.'
    rollout

    say 'The second changes nothing.'
    rollout
    if ! grep -q 'changed=0 .*failed=0' "$cache/rollout.log"; then
        echo 'The second rollout changed something.' >&2
        exit 1
    fi

    say "The vault's connection and its private address."
    ansible-playbook privatelink.azure.status --extra-vars "@$vars"

    local name
    name=$(value demo_vault_host)
    say "$name, from a machine in the linked virtual network:"
    emulate lookup "$name" --network "$(value demo_network_id)"
    say "$name, from the internet:"
    emulate lookup "$name"

    say 'What next?'
    cat << END
  make playground    starts the emulator again and keeps it, so that you can run playbooks and modules yourself
  README.md          "The same rollout in your subscription": the same playbook, your credentials
  docs/rollout.md    each step explained; existing networks, hub zones and vaults
  make help          everything else
To remove what this made, delete .venv and .cache.
END
}

# What another terminal has to know, as a file that it reads.
playground() {
    {
        # shellcheck disable=SC2016 # the path of the terminal that reads it
        printf 'export PATH=%q:$PATH\n' "$venv/bin"
        printf 'export ANSIBLE_COLLECTIONS_PATH=%q\n' "$ANSIBLE_COLLECTIONS_PATH"
        echo 'export ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false'
        emulate env
    } > "$cache/playground.sh"
    say 'In another terminal, say where the emulator is:'
    echo "  . $cache/playground.sh"
    say 'Then try, for example:'
    cat << END
  ansible-playbook privatelink.azure.rollout -e @$vars --check --diff
  ansible-playbook privatelink.azure.rollout -e @$vars
  ansible-playbook privatelink.azure.status -e @$vars
  ansible localhost -m privatelink.azure.resource_group -a 'name=mine location=westeurope'
  ansible localhost -m privatelink.azure.keyvault_connections_info
  ansible-doc privatelink.azure.keyvault
  PYTHONPATH=$root/tests python -m emulator lookup $(value demo_vault_host) --directory $emulator
END
    say 'The emulator runs until you press Ctrl-C here, and then forgets everything.'
    trap 'exit 0' INT TERM
    while true; do
        sleep 1 &
        wait $!
    done
}

case ${1-demo} in
    demo | playground) command=${1-demo} ;;
    *) nearest demonstration "$1" demo playground && exit 2 ;;
esac
mkdir -p "$cache"
install
start_emulator
"$command"
