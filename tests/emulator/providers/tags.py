# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Microsoft.Resources/tags: all tags of a subscription, a group or a resource as one document (specification 2024-07-01).

They are those of the resource itself; a subscription's are kept with it.
"""

from __future__ import annotations

from emulator import ids
from emulator.errors import ArmError, bad_request, not_served
from emulator.providers.common import tags_of
from emulator.store import Record
from emulator.wire import Call, Reply, route

TYPE = "Microsoft.Resources/tags"
OPERATIONS = ("Replace", "Merge", "Delete")


def _holder(call: Call) -> Record | None:
    """What has the tags; None: the subscription. A child of a resource has none of its own."""
    scope = f"/{call.parameters['scope']}"
    parsed = ids.parse(scope)
    if parsed and len(parsed.types) > 1:
        raise not_served(f"tags of type '{parsed.type}'")
    return call.emulator.store.get(scope)


def _current(call: Call) -> dict[str, str]:
    holder = _holder(call)
    kept = holder.document if holder else call.emulator.subscriptions[call.subscription.lower()]
    return dict(kept.get("tags") or {})


def _shown(call: Call, tags: dict[str, str]) -> Reply:
    holder = _holder(call)
    scope = holder.id if holder else f"/{call.parameters['scope']}"
    return Reply(200, {"id": f"{scope}/providers/{TYPE}/default", "name": "default", "type": TYPE, "properties": {"tags": tags}})


def _store(call: Call, tags: dict[str, str]) -> Reply:
    """Checked as a resource's own tags are; a resource changes as by a PATCH of its tags."""
    tags_of({"tags": tags})
    holder = _holder(call)
    if holder is None:
        call.emulator.subscriptions[call.subscription.lower()]["tags"] = tags
    else:
        holder.document = {**holder.document, "tags": tags}
    return _shown(call, tags)


def _sent(call: Call) -> dict[str, str]:
    tags = call.properties().get("tags")
    if not isinstance(tags, dict):
        raise bad_request("InvalidTagsOperation", "The tags of the request are missing.")  # unrecorded: code and text
    checked: dict[str, str] = tags_of({"tags": tags})["tags"]
    return checked


def _check_default(call: Call) -> None:
    if call.name.lower() != "default":  # unrecorded: the code
        raise ArmError(400, "InvalidTagsName", f"The tags resource name '{call.name}' is not valid. The only name is 'default'.")


def _get(call: Call) -> Reply:
    _check_default(call)
    return _shown(call, _current(call))


def _put(call: Call) -> Reply:
    _check_default(call)
    return _store(call, _sent(call))


def _patch(call: Call) -> Reply:
    """Names compare without case, and keep the case that they have; Delete takes away only what also has the value."""
    _check_default(call)
    operation, sent, current = str(call.document().get("operation") or "").lower(), _sent(call), _current(call)
    if operation not in [each.lower() for each in OPERATIONS]:
        text = f"The operation '{operation}' is not valid. The operations are {', '.join(OPERATIONS)}."
        raise bad_request("InvalidTagsPatchOperation", text)  # unrecorded: code and text
    if operation == "replace":
        return _store(call, sent)
    known = {name.lower(): name for name in current}
    for name, value in sent.items():
        own = known.get(name.lower(), name)
        if operation == "merge":
            current[own] = value
        elif current.get(own) == value:
            del current[own]
    return _store(call, current)


def _delete(call: Call) -> Reply:
    _check_default(call)
    _store(call, {})
    return Reply(200)


_ONE: str = f"/{{scope}}/providers/{TYPE}/{{tags}}"

ROUTES = [
    route("GET", _ONE, _get),
    route("PUT", _ONE, _put),
    route("PATCH", _ONE, _patch),
    route("DELETE", _ONE, _delete),
]
