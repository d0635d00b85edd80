# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep secrets out of results, whatever Ansible itself does about them: until 2.21 it removed them, from 2.22 on it masks only what it prints."""

from __future__ import annotations

import re
import typing as t

# Ansible's own words, which users know: for a value that is a secret, and for a secret within a text.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"


def masked(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
    """Return a result, or any part of one, whose texts hold none of these secrets. The keys of mappings stay."""
    longest_first = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    return _masked(value, re.compile("|".join(map(re.escape, longest_first)))) if longest_first else value


def _masked(value: t.Any, secrets: re.Pattern[str]) -> t.Any:
    if isinstance(value, str):
        return WHOLE if secrets.fullmatch(value) else secrets.sub(PART, value) if secrets.search(value) else value
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(item, secrets) for item in value]
    return value
