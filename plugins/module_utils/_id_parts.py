# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource ids for templates: the parts of one, and one from its parts. Pure functions; every refusal is a Problem."""

from __future__ import annotations

import typing as t

from ._documents.compare import Document
from ._documents.ids import GROUP_TYPE, SUBSCRIPTION_TYPE, ResourceId
from ._errors import OptionError, Problem, echoed
from ._values import checked, resource_group_name, scope, subscription

_EXAMPLE = "/subscriptions/.../resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault"
# What an id is built from. The provider is in the type, too.
_PARTS = ("subscription_id", "resource_group", "provider", "type", "name", "names", "parent_id", "scope_id")


def parts(text: t.Any) -> Document:
    """Return subscription_id, resource_group, provider, type, name, names, parent_id and scope_id
    of the id of a resource, group or subscription.

    parent_id: of the resource that this one is nested in, else of its resource group. scope_id: of
    what an extension resource, such as a lock, is on.
    """
    found = _parsed(text)
    own = found.type in (GROUP_TYPE, SUBSCRIPTION_TYPE)
    return {
        "subscription_id": found.subscription,
        "resource_group": found.resource_group,
        "provider": found.type.partition("/")[0],
        "type": found.type,
        "name": found.name,
        "names": list(found.names),
        "parent_id": str(found.parent) if len(found.names) > 1 else None if own else str(found.scope),
        "scope_id": str(found if own else found.scope),
    }


def is_id(text: t.Any, *types: str) -> bool:
    """Return whether a text is the id of a resource, and of one of the types where any are given."""
    wrong = [kind for kind in types if not isinstance(kind, str)]
    if wrong:
        raise Problem(f"'{echoed(wrong[0])}' is not a type of resources; pass a text like Microsoft.KeyVault/vaults.", code="InvalidOption")
    try:
        found = _parsed(text)
    except Problem:
        return False
    return any(found.is_type(kind) for kind in types) if types else found.type != SUBSCRIPTION_TYPE


def built(given: t.Any, kind: str | None = None, *names: str, **keywords: t.Any) -> str:
    """Return an id from its parts, or that of a resource nested in another one.

    given: a mapping as parts() returns it (subscription_id, resource_group, type, and name or names), or the id of the resource, group or
    subscription that kind and names are beneath: built(vault_id, "privateEndpointConnections", "pe"),
    built(group_id, "Microsoft.KeyVault/vaults", "kv"); or a name, or a list of them. keywords: further parts.
    """
    above = isinstance(given, str) and given.strip().startswith("/")
    requested = dict(given) if isinstance(given, t.Mapping) else {"parent_id" if above else "names": given}
    requested.update({name: value for name, value in {"type": kind, "names": list(names) or None, **keywords}.items() if value is not None})
    unknown = next((str(name) for name in requested if name not in _PARTS), None)
    if unknown:
        raise Problem(f"'{echoed(unknown)}' is not a part of a resource id; use {', '.join(_PARTS)}.", code="InvalidOption")
    found = _assembled(requested, _type_of(requested), _names_of(requested))
    if ResourceId.parse_scope(str(found)) != found:  # a name with a slash in it would name something else
        raise Problem(f"'{echoed(found)}' is not a valid resource id; correct its parts.", code="InvalidOption")
    return str(_checked(found))


def _parsed(text: t.Any) -> ResourceId:
    found = ResourceId.parse_scope(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise Problem(f"'{echoed(text)}' is not the id of a resource; pass one like {_EXAMPLE}.", code="InvalidOption")
    return _checked(found)


def _checked(found: ResourceId) -> ResourceId:
    try:
        return checked(found, "id")
    except OptionError as error:
        raise Problem(error.message.removeprefix("id: "), code="InvalidOption") from None


def _type_of(requested: Document) -> str:
    kind = requested.get("type")
    if not isinstance(kind, str) or not kind.strip("/ "):
        raise Problem("A resource id cannot be built without a type; pass one like Microsoft.KeyVault/vaults.", code="InvalidOption")
    return kind.strip("/ ")


def _names_of(requested: Document) -> list[str]:
    names = requested["names"] if requested.get("names") is not None else requested.get("name")
    names = names if isinstance(names, (list, tuple)) else [] if names is None else [names]
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise Problem(f"'{echoed(wrong[0])}' is not the name of a resource; pass a text.", code="InvalidOption")
    return list(names)


def _assembled(requested: Document, kind: str, names: list[str]) -> ResourceId:
    """Return the id, unchecked: in the scope, beneath the parent, or in subscription and resource group, whichever says most."""
    if kind.casefold() in (GROUP_TYPE.casefold(), SUBSCRIPTION_TYPE.casefold()):
        return _group_or_subscription(requested, kind, names)
    whole = "/" in kind and len(names) == kind.count("/")
    if requested.get("scope_id") and whole:
        return scope(str(requested["scope_id"]), "scope_id").extension(kind, *names)
    if requested.get("parent_id"):
        return _beneath(_parsed(requested["parent_id"]), kind, names)
    if not requested.get("subscription_id"):
        raise Problem(
            "A resource id cannot be built without a subscription_id, or the id of the parent resource; pass one.", code="InvalidOption"
        )
    home, group = subscription(str(requested["subscription_id"])), requested.get("resource_group")
    place = ResourceId(home, None, SUBSCRIPTION_TYPE, (home,))
    return _beneath(ResourceId(home, resource_group_name(str(group)), GROUP_TYPE, (str(group),)) if group else place, kind, names)


def _group_or_subscription(requested: Document, kind: str, names: list[str]) -> ResourceId:
    above = next((_parsed(requested[name]).subscription for name in ("scope_id", "parent_id") if requested.get(name)), None)
    home = subscription(str(requested.get("subscription_id") or above))
    if kind.casefold() == SUBSCRIPTION_TYPE.casefold():
        return ResourceId(home, None, SUBSCRIPTION_TYPE, (home,))
    _require_count(names, 1, kind)
    return ResourceId(home, names[0], GROUP_TYPE, (names[0],))


def _beneath(parent: ResourceId, kind: str, names: list[str]) -> ResourceId:
    """Return the id of what is nested in a resource, is in a resource group or subscription, or is on any of them."""
    nested = kind.casefold().startswith(f"{parent.type}/".casefold())
    if "." in kind.partition("/")[0] and not nested:
        _require_count(names, kind.count("/"), kind)
        return parent.extension(kind, *names)
    words = kind[len(parent.type) + 1 :].split("/") if nested else kind.split("/")
    if parent.type in (GROUP_TYPE, SUBSCRIPTION_TYPE):
        raise Problem(f"'{echoed(kind)}' is not a child type of '{parent}'; pass one like Microsoft.KeyVault/vaults.", code="InvalidOption")
    _require_count(names, len(words), kind)
    for word, name in zip(words, names, strict=True):
        parent = parent.child(word, name)
    return parent


def _require_count(names: t.Sequence[str], wanted: int, kind: str) -> None:
    if len(names) != wanted:
        raise Problem(
            f"Type '{echoed(kind)}' requires {wanted} names, but {len(names)} were given; pass one for each part of the type.",
            code="InvalidOption",
        )
