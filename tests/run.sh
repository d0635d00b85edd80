#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests of this collection: tests/run.sh [STEP...] [-- ARGUMENT OF PYTEST...]
# Without a step, all of them but the matrix, the integration tests that take long, and pylint of the tests.
# Needs Python 3.11 or later and PyPI; no Galaxy, no GitHub, no containers.
# The tools are kept in .venv, everything else in .cache, the output of each step in .cache/logs.

set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache
venv=$root/.venv
tree=$cache/tree
copy=$tree/ansible_collections/privatelink/azure
logs=$cache/logs
first_queue=(sanity integration)
# what Azure publishes and answered lies outside the checkout, and the tests run in a copy of it
PRIVATELINK_SPECS=$(realpath -m "${PRIVATELINK_SPECS:-$root/../shared/reference/specs}")
RECORDINGS=$(realpath -m "${RECORDINGS:-$root/../shared/reference/recordings}")
export PRIVATELINK_SPECS RECORDINGS
second_queue=(yamllint ruff mypy changelog docs unit lint importer molecule)
# Beside the newest versions, which .venv holds: the oldest of everything, what users of ansible 11 and 13 have, and the ansible-core that comes next.
ends=(oldest ansible-11 ansible-13 next)
matrix=(integration-newest-process)
for end in "${ends[@]}"; do matrix+=("unit-$end" "integration-$end" "integration-$end-long" "integration-$end-process"); done
# Rollouts, wrong input, and the modules that a rollout runs.
main_path='test_rollout or test_wrong_input or test_direct_execution or [keyvault] or [keyvault_private_endpoint] or [private_dns_zone]'

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

steps=()
everything=true
pytest_arguments=()
while [ $# -gt 0 ]; do
    if [ "$1" = -- ]; then
        pytest_arguments=("${@:2}")
        break
    fi
    everything=false
    case $1 in
        build) ;; # comes first anyway
        matrix) steps+=("${matrix[@]}") ;;
        *) steps+=("$1") ;;
    esac
    shift
done

mkdir -p "$logs"
# one run at a time: they share the copy and the logs
if command -v flock > /dev/null; then
    exec 9> "$cache/run.lock"
    flock --nonblock 9 || { echo 'Waiting for another run of the tests to end.' && flock 9; }
fi
rm -f "$logs"/*
make_venv "$venv" "$root/tests/requirements/tools.txt" 3.12 3.13 3.14 3.11 || exit 1
for end in "${ends[@]}"; do
    [[ " ${steps[*]} " == *-"$end"[-\ ]* ]] || continue
    case $end in
        next) versions=(3.13 3.14) ;;
        ansible-13) versions=(3.12 3.13) ;;
        *) versions=(3.12 3.11) ;;
    esac
    if [ "$end" = next ] && ! find_python "${versions[@]}" > /dev/null 2>&1; then
        echo 'The ansible-core that comes next runs on Python 3.13 or later, which is not there: its steps are skipped.'
        for i in "${!steps[@]}"; do
            if [[ ${steps[i]}- == *-next-* ]]; then unset "steps[i]"; fi
        done
        continue
    fi
    make_venv "$cache/ends/$end" "$root/tests/requirements/$end.txt" "${versions[@]}" || exit 1
done
copy_checkout "$copy" || exit 1
own_environment "$cache" "$venv"
export NO_COLOR=1 ANSIBLE_FORCE_COLOR=0 ANSIBLE_COLLECTIONS_PATH=$tree
python_version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

step_build() { install_collection . "$cache"; }
step_sanity() {
    if compgen -G 'tests/sanity/ignore*'; then
        echo 'ansible-test sanity is to pass without entries to ignore.' && return 1
    fi
    sanity --skip-test pylint && sanity --test pylint plugins/
}
# What pylint says of the tests, which ruff and mypy read too; as much work as all else of sanity.
step_pylint-tests() { sanity --test pylint tests/; }
sanity() { python tests/tools/seed_ansible_test.py && ansible-test sanity --local --python "$python_version" --color no "$@"; }
step_yamllint() { yamllint --strict .; }
step_ruff() { ruff check . && ruff format --check .; }
step_mypy() {
    cd "$tree" && MYPYPATH=$copy/tests mypy --config-file "$copy/mypy.ini" --cache-dir /dev/null \
        -p ansible_collections.privatelink.azure.plugins -p emulator -p integration -p clients -p contract
}
step_changelog() { antsibull-changelog lint && antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml; }
step_docs() { antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs self --check-extra-docs-refs .; }
step_lint() { ansible-lint --offline --strict --profile production --nocolor; }
# Alone, with the coverage in its log; that makes it half as long again.
step_unit() {
    if [ "$everything" = true ]; then
        unit
    else
        unit --cov=ansible_collections.privatelink.azure.plugins --cov-branch --cov-report=term:skip-covered
    fi
}
step_importer() {
    cd "$cache" && GALAXY_IMPORTER_RUN_ANSIBLE_LINT=false python -m galaxy_importer.main dist/privatelink-azure-*.tar.gz
}
# In the run of everything without those that take long; alone, all of them.
step_integration() { if [ "$everything" = true ]; then integration -m 'not long'; else integration; fi; }
step_integration-long() { integration -m long; }
step_contract() { PYTHONPATH=$tree ANSIBLE_COLLECTIONS_PATH=$cache/collections pytest --quiet -rs tests/contract ${pytest_arguments[@]+"${pytest_arguments[@]}"}; }
step_replay() { PYTHONPATH=tests python -m contract.replay; }
step_molecule() { ANSIBLE_COLLECTIONS_PATH=$cache/collections molecule test --all; }
for end in "${ends[@]}"; do
    eval "
        step_unit-$end() { at_end $end && unit; }
        step_integration-$end() { at_end $end && integration -m 'sdk or not long'; }
        step_integration-$end-main() { at_end $end && integration_of_main_path; }
        step_integration-$end-long() { at_end $end && integration -m 'long and not sdk'; }
        step_integration-$end-process() { at_end $end && step_integration-newest-process; }
    "
done
# The whole suite, long tests too: each task loads the SDK again, so it takes long.
step_integration-newest-process() { ANSIBLE_PRIVATELINK_DIRECT=0 integration; }

unit() { PYTHONPATH=$tree run_pytest tests/unit "$@"; }
integration() { ANSIBLE_COLLECTIONS_PATH=$cache/collections run_pytest tests/integration "$@"; }
integration_of_main_path() { integration -m 'not long' -k "$main_path"; }
at_end() { export PATH=$cache/ends/$1/bin:${PATH#*:}; }
run_pytest() { pytest --quiet -r s --numprocesses 2 "$@" ${pytest_arguments[@]+"${pytest_arguments[@]}"}; }

# run STEP...: one after the other, each in its own process, in the copy.
run() {
    local name start code result
    for name in "$@"; do
        start=$SECONDS
        (cd "$copy" && "step_$name") > "$logs/$name.log" 2>&1 < /dev/null 9>&-
        code=$?
        if grep -q 'All targets skipped' "$logs/$name.log"; then
            code=1
        fi
        result=$([ "$code" = 0 ] && echo passed || echo FAILED)
        echo "$result" > "$logs/$name.result"
        printf '%-28s %s %4d s%s\n' "$name" "$result" $((SECONDS - start)) "$([ "$code" = 0 ] || printf '\n%s' "$(tail -n 40 "$logs/$name.log")")"
        grep '^SKIPPED' "$logs/$name.log"
    done
}

for step in ${steps[@]+"${steps[@]}"}; do
    if ! declare -F "step_$step" > /dev/null; then
        echo "There is no step $step, only:$(declare -F | sed -n 's/^declare -f step_/ /p' | tr -d '\n')" >&2 && exit 2
    fi
done
run build
if [ "$everything" = true ]; then
    run "${first_queue[@]}" &
    run "${second_queue[@]}"
    wait
else
    run ${steps[@]+"${steps[@]}"}
fi
passed=$(cat "$logs"/*.result | grep -c passed)
failed=$(cat "$logs"/*.result | grep -c FAILED)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
