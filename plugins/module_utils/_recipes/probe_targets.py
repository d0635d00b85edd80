# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From how a task names vaults to hosts and the addresses that they must lead to."""

from __future__ import annotations

import typing as t

from .._documents.ids import HSM, VAULT
from .._errors import OptionError
from .._probes import Target
from .._values import host_name, ipv4, resource_id, vault_name

if t.TYPE_CHECKING:
    from .._azure.clouds import Cloud

_KEYS = ("vault", "private_ip_addresses")


def targets(value: t.Sequence[t.Any], cloud: Cloud | None, option: str = "vaults") -> list[Target]:
    """Return each vault once, in the order of the option.

    value: names, host names, URIs or ids, or mappings of one of these as vault with private_ip_addresses.
    cloud: None where its suffix is not known, so that only host names and URIs will do.
    """
    found: dict[str, Target] = {}
    for item in value:
        target = _target(item, cloud, option)
        known = found.get(target.host)
        if known and known.expected != target.expected:
            raise OptionError(option, f"'{target.host}' is listed twice with different addresses; list it once.")
        found[target.host] = target
    if not found:
        raise OptionError(option, "names no vault; list at least one.")
    return list(found.values())


def _target(item: t.Any, cloud: Cloud | None, option: str) -> Target:
    if isinstance(item, str):
        return Target(item.strip(), host_of(item.strip(), cloud, option))
    if not isinstance(item, t.Mapping) or not isinstance(item.get("vault"), str) or set(item) - set(_KEYS):
        raise OptionError(
            option, f"{item!r} is neither a text nor a mapping of {' and '.join(_KEYS)}; pass the name, host name or id of a vault."
        )
    expected = item.get("private_ip_addresses") or []
    listed = [part.strip() for part in expected.split(",")] if isinstance(expected, str) else expected
    if not isinstance(listed, (list, tuple)):
        raise OptionError(option, f"private_ip_addresses of '{item['vault']}' is no list; pass one like [10.0.0.4].")
    addresses = tuple(ipv4(str(address), option) for address in listed)
    named = item["vault"].strip()
    return Target(named, host_of(named, cloud, option), addresses)


def host_of(named: str, cloud: Cloud | None, option: str) -> str:
    """Return the host name of a vault or managed HSM that is named by its id, its URI, its host name, or its name alone."""
    if cloud is None:
        if "." not in named or named.startswith("/"):
            raise OptionError(option, f"'{named}' has no DNS suffix, and that of this cloud is not known here; pass the vault's host name.")
        return host_name(named, option)
    if named.startswith("/"):
        found = resource_id(named, option, VAULT, HSM)
        return f"{found.name}.{cloud.hsm_suffix if found.is_type(HSM) else cloud.vault_suffix}".casefold()
    if "." not in named and "/" not in named:
        return f"{vault_name(named, option)}.{cloud.vault_suffix}".casefold()
    return host_name(named, option)
