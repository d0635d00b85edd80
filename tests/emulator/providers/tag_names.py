# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Names and values of tags that a subscription knows: those that were made beforehand, and those in use (specification 2022-09-01).

Those made beforehand are kept with the subscription. unrecorded: codes and texts of refusals, and that a name in use cannot be deleted.
"""

from __future__ import annotations

from collections import Counter

from emulator.errors import ArmError, Json
from emulator.providers.common import paged, tags_of
from emulator.wire import Call, Reply, route


def _made(call: Call) -> dict[str, list[str]]:
    """The names that were made beforehand, with their values, as they were written."""
    found: dict[str, list[str]] = call.emulator.subscriptions[call.subscription.lower()].setdefault("tagNames", {})
    return found


def _used(call: Call) -> dict[str, Counter[str]]:
    """How many groups and resources have each value of each name; names in small letters."""
    scope, store = f"/subscriptions/{call.subscription}", call.emulator.store
    found: dict[str, Counter[str]] = {}
    for records in (store.collection(f"{scope}/resourceGroups"), store.top_level(scope)):
        for record in records.after(0):
            for name, value in (record.document.get("tags") or {}).items():
                found.setdefault(name.lower(), Counter())[value] += 1
    return found


def _count(number: int) -> Json:
    return {"type": "Total", "value": number}


def _value_shown(call: Call, name: str, value: str, number: int) -> Json:
    place = f"/subscriptions/{call.subscription}/tagNames/{name}/tagValues/{value}"
    return {"id": place, "tagValue": value, "count": _count(number)}


def _shown(call: Call, name: str, used: Counter[str]) -> Json:
    values = dict.fromkeys([*_made(call).get(name, []), *used])
    return {
        "id": f"/subscriptions/{call.subscription}/tagNames/{name}",
        "tagName": name,
        "count": _count(sum(used.values())),
        "values": [_value_shown(call, name, each, used[each]) for each in values],
    }


def _list(call: Call) -> Reply:
    used = _used(call)
    spelled = {name.lower(): name for name in (*used, *_made(call))}
    return paged(call, sorted(spelled.values(), key=str.lower), lambda name: _shown(call, name, used.get(name.lower(), Counter())))


def _known(call: Call) -> str | None:
    """A name that was made beforehand, as it was written then."""
    return next((each for each in _made(call) if each.lower() == call.parameters["tag"].lower()), None)


def _put(call: Call) -> Reply:
    known = _known(call)
    name = known or call.parameters["tag"]
    tags_of({"tags": {name: ""}})
    _made(call).setdefault(name, [])
    return Reply(200 if known else 201, _shown(call, name, _used(call).get(name.lower(), Counter())))


def _delete(call: Call) -> Reply:
    known = _known(call)
    if known is None:
        return Reply(204)
    if known.lower() in _used(call):
        raise ArmError(409, "TagNameInUse", f"The tag name '{known}' is in use and cannot be deleted.")
    del _made(call)[known]
    return Reply(200)


def _values(call: Call) -> tuple[str, list[str]]:
    known = _known(call)
    if known is None:
        raise ArmError(404, "TagNameNotFound", f"The tag name '{call.parameters['tag']}' could not be found.")
    return known, _made(call)[known]


def _value_put(call: Call) -> Reply:
    (name, values), value = _values(call), call.parameters["value"]
    tags_of({"tags": {name: value}})
    existed = value in values
    if not existed:
        values.append(value)
    return Reply(200 if existed else 201, _value_shown(call, name, value, _used(call).get(name.lower(), Counter())[value]))


def _value_delete(call: Call) -> Reply:
    (name, values), value = _values(call), call.parameters["value"]
    if value not in values:
        return Reply(204)
    if _used(call).get(name.lower(), Counter())[value]:
        raise ArmError(409, "TagValueInUse", f"The value '{value}' of the tag name '{name}' is in use and cannot be deleted.")
    values.remove(value)
    return Reply(200)


_NAMES = "/subscriptions/{subscription}/tagNames"
_VALUE = _NAMES + "/{tag}/tagValues/{value}"

ROUTES = [
    route("GET", _NAMES, _list),
    route("PUT", _NAMES + "/{tag}", _put),
    route("DELETE", _NAMES + "/{tag}", _delete),
    route("PUT", _VALUE, _value_put),
    route("DELETE", _VALUE, _value_delete),
]
