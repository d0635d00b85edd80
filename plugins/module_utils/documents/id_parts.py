# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource ids for templates: the parts of one, and one from its parts. Pure functions; every refusal is a Problem."""

from __future__ import annotations

import typing as t

from ..compare import Document
from ..errors import Problem, echoed
from ..ids import GROUP_TYPE, SUBSCRIPTION_TYPE, ResourceId

_EXAMPLE = "/subscriptions/.../resourceGroups/payments/providers/Microsoft.KeyVault/vaults/payments-vault"


def parts(text: t.Any) -> Document:
    """Return subscription_id, resource_group, provider, type, name, names, parent_id and scope_id of the id of a resource, group or subscription.

    parent_id: of the resource that this one is nested in, else of its resource group. scope_id: of what an extension resource, such as a lock, is on.
    """
    found = ResourceId.parse_scope(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise Problem(f"'{echoed(str(text))}' is not the id of a resource; pass one like {_EXAMPLE}.", code="InvalidOption")
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


def built(given: t.Any, kind: str | None = None, *names: str) -> str:
    """Return an id from its parts, or that of a resource nested in another one.

    given: a mapping as parts() returns it (subscription_id, resource_group, type, and name or names), or the id of the resource, group or
    subscription that kind and names are beneath: built(vault_id, "privateEndpointConnections", "pe"), built(group_id, "Microsoft.KeyVault/vaults", "kv").
    """
    if isinstance(given, t.Mapping):
        kind = kind or given.get("type")
        names = names or tuple(given.get("names") or [name for name in [given.get("name")] if name])
        group = f"/resourceGroups/{given['resource_group']}" if given.get("resource_group") else ""
        above = f"/subscriptions/{given.get('subscription_id')}{group}"
    else:
        above = str(given).strip().rstrip("/")
    segments = "".join(f"/{one}/{name}" for one, name in zip(_kinds(above, kind, names), names, strict=True))
    text = f"{above}{f'/providers/{_provider(kind)}' if kind and '.' in kind.partition('/')[0] else ''}{segments}"
    found = ResourceId.parse_scope(text)
    if found is None:
        raise Problem(f"'{echoed(text)}' cannot be the id of a resource; correct its parts.", code="InvalidOption")
    return str(found)


def _provider(kind: str) -> str:
    return kind.partition("/")[0]


def _kinds(above: str, kind: str | None, names: t.Sequence[str]) -> list[str]:
    """Return the words of a type between which names stand; a type that begins with a namespace stands beneath a group, a subscription or a resource."""
    words = [word for word in (kind or "").split("/") if word]
    words = words[1:] if words and "." in words[0] else words
    if len(words) != len(names):
        raise Problem(
            f"Type '{echoed(str(kind))}' beneath '{echoed(above)}' takes {len(words)} names, but {len(names)} were given; pass one for each part of the type.",
            code="InvalidOption",
        )
    return words


def is_id(text: t.Any, *types: str) -> bool:
    """Tell whether a text is the id of a resource, and of one of the types where any are given."""
    found = ResourceId.parse(text.strip()) if isinstance(text, str) else None
    return found is not None and (not types or any(found.is_type(kind) for kind in types))
