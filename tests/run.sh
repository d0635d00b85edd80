#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run the tests of this collection: tests/run.sh [STEP...] [-- ARGUMENT OF PYTEST...]
# Without a step, what `make test` is: all of first_steps and second_steps. gates, sanity-ends and matrix stand for several steps.
# Needs Python 3.11 or later and PyPI; no Galaxy, no GitHub, no containers.
# The tools are kept in .venv, everything else in .cache, the output of each step in .cache/logs.

set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache
venv=$root/.venv
tree=$cache/tree
copy=$tree/ansible_collections/privatelink/azure
logs=$cache/logs
# what Azure publishes and answered lies outside the checkout, and the tests run in a copy of it
PRIVATELINK_SPECS=$(realpath -m "${PRIVATELINK_SPECS:-$root/../shared/reference/specs}")
RECORDINGS=$(realpath -m "${RECORDINGS:-$root/../shared/reference/recordings}")
export PRIVATELINK_SPECS RECORDINGS
elsewhere=()
first_steps=(integration lint importer)
second_steps=(yamllint ruff mypy changelog docs unit sanity molecule)
# Beside the newest versions, which .venv holds: the oldest of everything, what users of ansible 11 and 13 have, and the ansible-core that comes next.
ends=(oldest ansible-11 ansible-13 next)
# each ansible-core that runs this collection
cores=(2.16 2.17 2.18 2.19 2.20 2.21 2.22)
# pythons_of END or CORE: the Pythons that it can be tested with, the first that is there.
pythons_of() {
    case $1 in
        oldest | ansible-11) echo 3.12 3.11 ;;
        2.16 | 2.17) echo 3.10 3.11 3.12 ;;
        2.18 | 2.19) echo 3.11 3.12 3.13 ;;
        2.20 | ansible-13) echo 3.12 3.13 ;;
        2.21) echo 3.12 3.13 3.14 ;;
        2.22 | next) echo 3.13 3.14 ;;
    esac
}
# every check of the collection that is not a test of what it does
first_gates=(sanity-2.16 sanity-2.18 sanity-2.20 sanity-2.22 pylint-tests)
second_gates=(yamllint ruff mypy changelog docs lint importer sanity-2.17 sanity-2.19 sanity-2.21)
matrix=(integration-newest-process)
for end in "${ends[@]}"; do matrix+=("unit-$end" "integration-$end" "integration-$end-long" "integration-$end-process"); done
# Rollouts, wrong input, and the modules that a rollout runs.
main_path='test_rollout or test_wrong_input or test_direct_execution or [keyvault] or [keyvault_private_endpoint] or [private_dns_zone]'

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

step_build() { install_collection . "$cache"; }
step_release-check() { tests/tools/release_check.sh "$cache/release" "${VERSION:-1.0.0}"; }
# What is in the environment of the tests, as CycloneDX JSON.
step_sbom() {
    make_venv "$cache/sbom" "$root/tests/requirements/sbom.txt" 3.12 3.13 3.14 3.11 \
        && python tests/tools/root_of_sbom.py > "$cache/pyproject.toml" \
        && "$cache/sbom/bin/cyclonedx-py" environment --output-reproducible --mc-type library --pyproject "$cache/pyproject.toml" \
            --output-file "$cache/sbom.json" "$venv/bin/python"
}
step_sanity() {
    if compgen -G 'tests/sanity/ignore*'; then
        echo 'ansible-test sanity is to pass without entries to ignore.' && return 1
    fi
    sanity --skip-test pylint ${elsewhere[@]+"${elsewhere[@]/#/--skip-test=}"} || return
    if [[ " ${elsewhere[*]-} " != *' pylint '* ]]; then sanity --test pylint plugins/; fi
}
# What pylint says of the tests, which ruff and mypy read too; as much work as all else of sanity.
step_pylint-tests() { sanity --test pylint tests/; }
sanity() { python tests/tools/seed_ansible_test.py && ansible-test sanity --local --python "$(python_version)" --color no "$@"; }
python_version() { python -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
# sanity_of CORE: all of it but pylint of the tests, which is a gate of its own. In a copy of its own, so that two cores can run at once.
sanity_of() {
    local own=$cache/sanity/$1/ansible_collections/privatelink/azure
    export PATH=$cache/cores/$1/bin:${PATH#*:}
    rm -rf "$own" && mkdir -p "$own" && cp -a "$copy/." "$own" && cd "$own" && name_what_is_elsewhere "$1" && step_sanity
}
# What a test of ansible-test installs from a URL cannot be had where only PyPI is reached.
name_what_is_elsewhere() {
    local file test
    for file in "$cache/cores/$1"/lib/python*/site-packages/ansible_test/_data/requirements/sanity.*.txt; do
        grep -q ' @ http' "$file" || continue
        test=$(basename "$file" .txt)
        elsewhere+=("${test#sanity.}")
        echo "NOT RUN: ${test#sanity.} of ansible-core $1, because it installs$(sed -n 's/^\([^ ]*\) @ \([^#]*\).*/ \1 from \2/p' "$file"), not from PyPI"
    done
}
step_yamllint() { yamllint --strict .; }
step_ruff() { ruff check . && ruff format --check .; }
step_mypy() {
    cd "$tree" && MYPYPATH=$copy/tests mypy --config-file "$copy/mypy.ini" --cache-dir /dev/null \
        -p ansible_collections.privatelink.azure.plugins -p emulator -p integration -p clients -p contract -p browser
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
step_contract() { PYTHONPATH=$tree ANSIBLE_COLLECTIONS_PATH=$cache/collections run_pytest --dist loadfile tests/contract; }
# Pages in Debian's chromium, judged by axe-core from npm; where one of both is missing, its tests say so.
step_browser() { PYTHONPATH=$tree BROWSER_CACHE=$cache pytest --quiet -r s tests/browser ${pytest_arguments[@]+"${pytest_arguments[@]}"}; }
step_replay() { PYTHONPATH=tests python -m contract.replay; }
# The scenarios of the widest role and of somebody else's role; molecule-all has one for each role and playbook, each with two runs of its own.
step_molecule() { molecule_test --scenario-name default --scenario-name private_vault --scenario-name included; }
step_molecule-all() { molecule_test --all --workers 2; }
molecule_test() { ANSIBLE_COLLECTIONS_PATH=$cache/collections molecule test "$@"; }
for core in "${cores[@]}"; do eval "step_sanity-$core() { sanity_of $core; }"; done
for end in "${ends[@]}"; do
    eval "
        step_unit-$end() { at_end $end && unit_of_plugins; }
        step_integration-$end() { at_end $end && integration -m '(sdk or not long) and not newest'; }
        step_integration-$end-main() { at_end $end && integration_of_main_path; }
        step_integration-$end-long() { at_end $end && integration -m 'long and not sdk'; }
        step_integration-$end-process() { at_end $end && step_integration-newest-process; }
    "
done
# The whole suite, long tests too: each task loads the SDK again, so it takes long.
step_integration-newest-process() { ANSIBLE_PRIVATELINK_DIRECT=0 integration; }

unit() { PYTHONPATH=$tree run_pytest tests/unit "$@"; }
# The emulator, the pages and the tools have one environment: the newest.
unit_of_plugins() { PYTHONPATH=$tree run_pytest tests/unit/plugins; }
integration() { ANSIBLE_COLLECTIONS_PATH=$cache/collections run_pytest tests/integration "$@"; }
integration_of_main_path() { integration -m 'not long' -k "$main_path"; }
at_end() { export PATH=$cache/ends/$1/bin:${PATH#*:}; }
# A test waits for the processes that it starts, so two cores have work for three where nothing else runs.
run_pytest() { pytest --quiet -r s --numprocesses "$processes" "$@" ${pytest_arguments[@]+"${pytest_arguments[@]}"}; }

# environment_of END-or-CORE DIRECTORY LOCK: made. Where none of its Pythons is there, its steps are named as not run.
environment_of() {
    local pythons
    read -r -a pythons <<< "$(pythons_of "$1")"
    if [ "$1" != oldest ] && ! find_python "${pythons[@]}" > /dev/null 2>&1; then
        missing+=("$1")
    else
        make_venv "$2" "$root/tests/requirements/$3.txt" "${pythons[@]}" || exit 1
    fi
}
missing=()
missing_for() {
    local each
    for each in ${missing[@]+"${missing[@]}"}; do
        if [[ $1- == *-"$each"-* ]]; then
            echo "it needs Python $(pythons_of "$each" | sed 's/ / or /g'), which is not there" && return
        fi
    done
    return 1
}

# report STEP RESULT [DETAILS]: a line for each step, printed at once with what belongs to it, since two queues may print.
report() {
    printf '%-28s %s\n' "$1" "$2" > "$logs/$1.result"
    printf '%s%s\n' "$(cat "$logs/$1.result")" "${3:+$'\n'$3}"
}
# run STEP...: one after the other, each in its own process, in the copy.
run() {
    local name start code result reason
    for name in "$@"; do
        if reason=$(missing_for "$name"); then
            report "$name" "NOT RUN: $reason"
            continue
        fi
        start=$SECONDS
        (cd "$copy" && "step_$name") > "$logs/$name.log" 2>&1 < /dev/null 9>&-
        code=$?
        if grep -q 'All targets skipped' "$logs/$name.log"; then
            code=1
        fi
        result=$([ "$code" = 0 ] && echo passed || echo FAILED)
        report "$name" "$(printf '%s %4d s' "$result" $((SECONDS - start)))" \
            "$(if [ "$code" = 0 ]; then grep -E '^(SKIPPED|NOT RUN)' "$logs/$name.log"; else tail -n 40 "$logs/$name.log"; fi)"
    done
}

first_queue=()
second_queue=()
asked=false
summary=false
pytest_arguments=()
while [ $# -gt 0 ]; do
    case $1 in
        --) pytest_arguments=("${@:2}") && break ;;
        build) ;; # comes first anyway
        matrix) second_queue+=("${matrix[@]}") ;;
        sanity-ends) first_queue+=(sanity-2.16) second_queue+=(sanity-2.22) ;;
        gates) summary=true first_queue+=("${first_gates[@]}") second_queue+=("${second_gates[@]}") ;;
        *)
            known=$(declare -F | sed -n 's/^declare -f step_//p')
            # shellcheck disable=SC2086 # names without spaces
            declare -F "step_$1" > /dev/null || { nearest step "$1" gates matrix sanity-ends $known; exit 2; }
            second_queue+=("$1")
            ;;
    esac
    asked=true
    shift
done
everything=false processes=3
if [ "$asked" = false ]; then
    everything=true processes=2 first_queue=("${first_steps[@]}") second_queue=("${second_steps[@]}")
fi

mkdir -p "$logs"
# one run at a time: they share the copy and the logs
if command -v flock > /dev/null; then
    exec 9> "$cache/run.lock"
    flock --nonblock 9 || { echo 'Waiting for another run of the tests to end.' && flock 9; }
fi
rm -f "$logs"/*
make_venv "$venv" "$root/tests/requirements/tools.txt" 3.12 3.13 3.14 3.11 || exit 1
steps=" ${first_queue[*]-} ${second_queue[*]-} "
for end in "${ends[@]}"; do
    if [[ $steps == *-"$end"[-\ ]* ]]; then environment_of "$end" "$cache/ends/$end" "$end"; fi
done
for core in "${cores[@]}"; do
    if [[ $steps == *" sanity-$core "* ]]; then environment_of "$core" "$cache/cores/$core" "sanity-$core"; fi
done
copy_checkout "$copy" || exit 1
own_environment "$cache" "$venv"
export NO_COLOR=1 ANSIBLE_FORCE_COLOR=0 ANSIBLE_COLLECTIONS_PATH=$tree

run build
run ${first_queue[@]+"${first_queue[@]}"} &
run ${second_queue[@]+"${second_queue[@]}"}
wait
if [ "$summary" = true ]; then
    echo && cat "$logs"/*.result && grep -h '^NOT RUN' "$logs"/*.log
fi
count() { cat "$logs"/*.result | grep -c " $1"; }
echo "$(count passed) passed, $(count FAILED) failed$(count 'NOT RUN' | sed -n 's/^[1-9].*/, & not run/p')"
[ "$(count FAILED)" = 0 ]
