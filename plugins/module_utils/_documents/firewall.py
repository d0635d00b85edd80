# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a vault's firewall: which addresses and subnets it takes, each of them once. Pure functions: no Azure, no Ansible."""

from __future__ import annotations

import ipaddress
import typing as t

from .._errors import OptionError
from .compare import Document
from .ids import same_id

# Source: Key Vault's page on network security, limits of the firewall.
IP_RULES_LIMIT = 1000
NETWORK_RULES_LIMIT = 200
IP_RULES = "network_acls.ip_rules"
NETWORK_RULES = "network_acls.virtual_network_rules"

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
# What no client comes from, with the word for it. Other special ranges, such as those for documentation, are left to Azure.
_RESERVED = {
    "127.0.0.0/8": "a loopback address, which is never a client's address",
    "169.254.0.0/16": "a link-local address, which is never a client's address on the internet",
    "224.0.0.0/4": "a multicast address, which is never a client's address",
    "240.0.0.0/4": "a reserved address, which is never a client's address",
    "0.0.0.0/8": "an address of 'this network', which is never a client's address",
}


def ip_rule(value: str, option: str = IP_RULES) -> str:
    """Return an IP rule as Azure keeps it, always with a prefix length: 203.0.113.7 is 203.0.113.7/32. Only public IPv4 is accepted."""
    text = value.strip()
    network = _network(text, option)
    if network.prefixlen == 0:
        raise OptionError(
            option, f"'{value}' means every address; set default_action: Allow to allow every address, or list the allowed networks."
        )
    for private in map(ipaddress.IPv4Network, _PRIVATE):
        if network.subnet_of(private):
            raise OptionError(
                option,
                f"'{value}' is a private address, which a vault's firewall does not accept; private clients use a private endpoint.",
            )
        if network.supernet_of(private):
            raise OptionError(
                option,
                f"'{value}' contains the private addresses {private}, which a vault's firewall does not accept; list smaller networks.",
            )
    for reserved, what in _RESERVED.items():
        if network.overlaps(ipaddress.IPv4Network(reserved)):
            raise OptionError(option, f"'{value}' is {what}; pass public addresses or networks like 203.0.113.0/24.")
    return str(network)


def _network(text: str, option: str) -> ipaddress.IPv4Network:
    example = "pass an IPv4 address or a network in CIDR notation, like 203.0.113.0/24."
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        pass
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        kind = "is a range of addresses" if _is_range(text) else "is not an IPv4 address or a network in CIDR notation"
        raise OptionError(option, f"'{text}' {kind}; {example}") from None
    if network.version == 6:
        raise OptionError(option, f"'{text}' is an IPv6 address, and a vault's firewall accepts only IPv4; {example}")
    raise OptionError(option, f"'{text}' has host bits set; pass the network '{network}', or one address of it.")


def _is_range(text: str) -> bool:
    first, dash, last = text.partition("-")
    try:
        return bool(dash) and bool(ipaddress.ip_address(first.strip())) and bool(ipaddress.ip_address(last.strip()))
    except ValueError:
        return False


def ip_rules(values: t.Iterable[str], option: str = IP_RULES) -> list[Document]:
    """Return the IP rules of a list of addresses and networks, each of them once, within Azure's limit."""
    rules = list(dict.fromkeys(ip_rule(value, option) for value in values))
    if len(rules) > IP_RULES_LIMIT:
        many = f"{len(rules)} rules are more than the {IP_RULES_LIMIT} that a vault's firewall accepts"
        raise OptionError(option, f"{many}; pass fewer, or larger networks.")
    return [{"value": rule} for rule in rules]


def network_rules(rules: t.Iterable[Document], option: str = NETWORK_RULES) -> list[Document]:
    """Return the rules of subnets (each with its id), each subnet once, within Azure's limit."""
    kept: list[Document] = []
    for rule in rules:
        twin = next((other for other in kept if same_id(other["id"], rule["id"])), None)
        if twin is None:
            kept.append(dict(rule))
            continue
        twin.update({name: value for name, value in rule.items() if name != "id" and value is not None})
    if len(kept) > NETWORK_RULES_LIMIT:
        raise OptionError(
            option,
            f"{len(kept)} subnets are more than the {NETWORK_RULES_LIMIT} virtual "
            "network rules that a vault's firewall accepts; pass fewer.",
        )
    return kept


def without_duplicates(rules: t.Iterable[Document], key: str) -> list[Document]:
    """
    Return rules that were read, those that say the same only once, in their order and spelling. key: value of IP rules, id of subnets.
    """
    kept: dict[str, Document] = {}
    for rule in rules:
        kept.setdefault(meaning(rule, key), rule)
    return list(kept.values())


def in_current_order(wanted: list[Document], current: list[Document], key: str) -> list[Document]:
    """Return the wanted rules in the order and spelling of those that exist, new ones last, so that nothing moves that stays."""
    requested = {meaning(rule, key): rule for rule in wanted}
    there = {meaning(rule, key): rule for rule in without_duplicates(current, key)}
    stays = [{**requested[which], key: rule[key]} for which, rule in there.items() if which in requested]
    return [*stays, *(rule for which, rule in requested.items() if which not in there)]


def meaning(rule: Document, key: str) -> str:
    """Return the key that identifies a rule: an IP rule with its prefix length, a subnet's id in lower case."""
    text = str(rule.get(key) or "")
    return text.rstrip("/").casefold() if key == "id" or "/" in text else f"{text}/32"
