# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is in the emulated Azure, in a form that two ways of making it share."""

from __future__ import annotations

import json
import re
import typing as t

from integration.emulation import Emulation, Json

_RANDOM = re.compile(r"(?!a0000000-0000-4000-8000-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_UNLIKE = ("etag", "systemData", "resourceGuid")


def everything(emulation: Emulation) -> dict[str, Json]:
    """Return all resources by id, without what is new with every write: ETags, times, random ids."""
    items = emulation.control("GET", "state")["resources"]
    return {_RANDOM.sub("*", item["id"].lower()): _plain({**item, "created": None, "changed": None}) for item in items}


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _UNLIKE}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _RANDOM.sub("*", value) if isinstance(value, str) else value


def differences(left: dict[str, Json], right: dict[str, Json]) -> dict[str, tuple[str, str]]:
    """Return the resources that differ, as both sides have them."""
    ids = sorted(left.keys() | right.keys())
    return {each: (json.dumps(left.get(each)), json.dumps(right.get(each))) for each in ids if left.get(each) != right.get(each)}
