#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Rehearse a release in a copy of this checkout, as docs/releasing.md describes it: release_check.sh DIRECTORY VERSION.
# Nothing is changed but DIRECTORY. Needs the tools of the tests on PATH.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
directory=$1
version=$2
copy=$directory/ansible_collections/privatelink/azure

# shellcheck source=tests/tools/lib.sh
. "$root/tests/tools/lib.sh"

require() { "${@:2}" || { echo "FAILED: $1" >&2 && exit 1; }; }
said_no_more() { ! compgen -G "$copy/changelogs/fragments/*.yml" > /dev/null; }
lists() { grep -qx "$1" <<< "$listed"; }
lists_nothing_of() { ! grep -E "$1" <<< "$listed"; }

if ! [[ $version =~ ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$ ]]; then
    echo "VERSION=$version is not a semantic version; say it as VERSION=1.0.0, without a v." >&2
    exit 2
fi

rm -rf "$directory"
copy_checkout "$copy"
cd "$copy"

# what was added since the last release says so with the version in galaxy.yml
current=$(sed -n 's/^version: //p' galaxy.yml)
grep -rl "version_added: $current" plugins roles | while IFS= read -r file; do
    sed -i.before "s/version_added: $current/version_added: $version/" "$file" && rm "$file.before"
done
sed -i.before "s/^version: .*/version: $version/" galaxy.yml && rm galaxy.yml.before
antsibull-changelog lint
antsibull-changelog release --version "$version"
antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml
require 'changelogs/changelog.yaml has the release' grep -q "^  $version:" changelogs/changelog.yaml
require 'CHANGELOG.md has the release' grep -q "v$version" CHANGELOG.md
require 'the changelog lists the modules' grep -q 'name: keyvault_private_endpoint$' changelogs/changelog.yaml
require 'the fragments are in the changelog, and gone' said_no_more

build_collection . "$directory/one"
touch README.md docs/*.md
build_collection . "$directory/two"
one=$directory/one/privatelink-azure-$version.tar.gz
require 'the tarball is built with the same bytes twice' cmp "$one" "$directory/two/privatelink-azure-$version.tar.gz"
listed=$(tar -tzf "$one")
for file in README.md LICENSE CHANGELOG.md requirements.txt meta/runtime.yml docs/rollout.md; do
    require "the tarball has $file" lists "$file"
done
require 'the tarball has nothing of tests, caches and tools' lists_nothing_of '^(tests|\.[a-z]|extensions/molecule|Makefile|[a-z]+\.ini)'

ANSIBLE_COLLECTIONS_PATH=$directory/collections ansible-galaxy collection install --offline "$one"
ANSIBLE_COLLECTIONS_PATH=$directory/collections ansible-galaxy collection verify --offline privatelink.azure
(cd "$directory" && GALAXY_IMPORTER_RUN_ANSIBLE_LINT=false GALAXY_IMPORTER_CHECK_REQUIRED_TAGS=true python -m galaxy_importer.main "$one")
sha256sum "$one"
