#!/usr/bin/env bash
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Write the lock files (*.txt) of this directory again from the wishes (*.in): `make lock`. Needs uv.
# Each lock is valid from Python 3.11 on, or from what its ansible-core asks for: where versions differ between Pythons, the lines carry markers.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for lock in ansible-11 ansible-13:3.12 azcollection azure-cli demo docs:3.12 next:3.13 oldest tools \
    sanity-2.16:3.10 sanity-2.17:3.10 sanity-2.18 sanity-2.19 sanity-2.20:3.12 sanity-2.21:3.12 sanity-2.22:3.13 sbom; do
    [[ $lock == *:* ]] && python=${lock#*:} || python=3.11
    lock=${lock%:*}
    uv pip compile --quiet --universal --python-version "$python" --default-index https://pypi.org/simple \
        --custom-compile-command "make lock" --output-file "$lock.txt" "$lock.in"
done
