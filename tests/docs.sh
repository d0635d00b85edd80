#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Build the HTML site of the documentation into .cache/docsite/html: make docs. Needs Python 3.12 or later, and PyPI the first time.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$root/.cache/docsite
venv=$root/.cache/docs
source=$cache/source

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

make_venv "$venv" "$root/tests/requirements/docs.txt" 3.12 3.13 3.14
own_environment "$cache" "$venv"
export NO_COLOR=1 ANSIBLE_COLLECTIONS_PATH=$cache/tree
copy_checkout "$cache/tree/ansible_collections/privatelink/azure"
rm -rf "$source" "$cache/html"
mkdir -p "$source/reference"
cp "$root"/docs/*.md "$root"/docs/docsite/* "$source"
cp -r "$root/docs/permissions" "$source"
cp "$root"/docs/*.svg "$source" 2> /dev/null || true
antsibull-docs collection --use-current --squash-hierarchy --no-add-antsibull-docs-version --fail-on-error --dest-dir "$source/reference" privatelink.azure
python "$root/tests/tools/playbook_reference.py" "$source/reference/playbooks.md"
sphinx-build --builder html --nitpicky --fail-on-warning --keep-going --quiet --jobs auto "$source" "$cache/html"
echo "Open ${cache#"$root"/}/html/index.html in a browser."
