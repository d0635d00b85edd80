# shellcheck shell=bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What tests/run.sh and tests/demo.sh share. Sourced; expects $root, the checkout.

# pip trusts what the system trusts, uv only when it is told to
export UV_SYSTEM_CERTS=true

# find_python VERSION...: the path of the first working interpreter among these versions ("3.12"), or of $PYTHON where that is set.
# A name on PATH may be a shim of pyenv that does not work, so each is tried; pyenv's own versions come after those on PATH.
find_python() {
    local version candidate pyenv_root
    pyenv_root=$(pyenv root 2> /dev/null || true)
    if [ ! -d "$pyenv_root/versions" ] && command -v pyenv > /dev/null; then
        pyenv_root=$(dirname "$(dirname "$(command -v pyenv)")")
    fi
    for version in "$@"; do
        for candidate in ${PYTHON:+"$PYTHON"} "python$version" python3 "$pyenv_root/versions/$version".*/bin/python; do
            if "$candidate" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2> /dev/null; then
                "$candidate" -c 'import sys; print(sys.executable)'
                return
            elif [ -n "${PYTHON:-}" ]; then
                break
            fi
        done
    done
    echo "No Python among $* found${PYTHON:+ in PYTHON=$PYTHON} (with the modules venv and ensurepip: package python3-venv on Debian). Set PYTHON to one." >&2
    return 1
}

# nearest KIND WORD NAME...: say that there is no KIND of the name WORD, which there are, and which was probably meant.
nearest() {
    "$(find_python 3.12 3.13 3.14 3.11 3.10)" - "$@" >&2 << 'END'
import difflib, sys
kind, word, *names = sys.argv[1:]
close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
print(f"There is no {kind} {word}{f'; did you mean {close[0]}?' if close else '.'} There are: {' '.join(names)}")
END
}

# make_venv DIRECTORY LOCK VERSION...: a virtual environment with exactly what LOCK says, unless there is one already. Its modules are compiled at
# once, unless $compile is 0.
make_venv() {
    local venv=$1 lock=$2 stamp python
    shift 2
    stamp=$(lock_stamp "$lock")
    if [ "$(cat "$venv/lock" 2> /dev/null)" = "$stamp" ]; then
        return
    fi
    python=$(find_python "$@") || return 1
    echo "Making ${venv#"$root"/} from ${lock#"$root"/} with $("$python" --version)" >&2
    "$python" -m venv --clear "$venv" \
        && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$(grep '^uv==' "$lock")" \
        && UV_COMPILE_BYTECODE=${compile:-1} "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --requirement "$lock" \
        && echo "$stamp" > "$venv/lock"
}

# The time of what is built: that of the last commit, in seconds; 0 outside of Git.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2> /dev/null || echo 0)}
export SOURCE_DATE_EPOCH

lock_stamp() { echo "$(basename "$1") $(sha256sum < "$1" | cut -c1-16)"; }

# own_environment DIRECTORY VENV: nothing of the user's Ansible, Azure or Python settings reaches what runs, and nothing is left in the home directory.
own_environment() {
    # shellcheck disable=SC2086 # names without spaces
    unset ${!ANSIBLE_*} ${!ARM_*} ${!AZURE_*} ${!MOLECULE_*} ${!PYTEST_*} PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
    mkdir -p "$1/home"
    touch "$1/home/ansible.cfg"
    export HOME=$1/home XDG_CACHE_HOME=$1/home/.cache LC_ALL=C.UTF-8
    export PATH=$2/bin:/usr/local/bin:/usr/bin:/bin
    export ANSIBLE_HOME=$HOME/.ansible ANSIBLE_REMOTE_TMP=$HOME/.ansible/tmp ANSIBLE_CONFIG=$HOME/ansible.cfg
    export ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false
}

# copy_checkout DIRECTORY: the files that git tracks or would track, in a repository of their own: ansible-test refuses a checkout
# that is not below ansible_collections, follows symbolic links, and silently tests nothing in a directory that an outer git ignores.
copy_checkout() {
    rm -rf "$1"
    mkdir -p "$1"
    if git -C "$root" rev-parse --git-dir > /dev/null 2>&1; then
        (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
            if [ -e "$file" ]; then printf '%s\0' "$file"; fi
        done | tar --null -T - -cf -) | tar -xf - -C "$1"
    else
        (cd "$root" && tar --exclude=./.cache --exclude=./.venv -cf - .) | tar -xf - -C "$1"
    fi
    git init --quiet "$1"
}

# build_collection COPY DIRECTORY: the tarball, with the same bytes wherever and whenever it is built from the same files.
build_collection() {
    rm -rf "$2"
    ansible-galaxy collection build --output-path "$2" "$1" && python "$root/tests/tools/repack.py" "$2"/privatelink-azure-*.tar.gz
}

# install_collection COPY DIRECTORY: build the tarball from COPY into DIRECTORY/dist and install it into DIRECTORY/collections.
install_collection() {
    rm -rf "$2/collections"
    build_collection "$1" "$2/dist" \
        && ANSIBLE_COLLECTIONS_PATH=$2/collections ansible-galaxy collection install --offline "$2"/dist/privatelink-azure-*.tar.gz
}
