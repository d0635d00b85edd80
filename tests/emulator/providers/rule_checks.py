# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of the rules of a security group and the routes of a route table, with their parent or each by itself."""

from __future__ import annotations

from emulator.errors import Json, network_error

SECURITY = "Microsoft.Network/networkSecurityGroups"
TABLES = "Microsoft.Network/routeTables"
REQUIRED = ("access", "direction", "protocol", "priority")
ANY_OF = (
    ("sourceAddressPrefixes", "sourceAddressPrefix", "sourceApplicationSecurityGroups"),
    ("destinationAddressPrefixes", "destinationAddressPrefix", "destinationApplicationSecurityGroups"),
    ("sourcePortRanges", "sourcePortRange"),
    ("destinationPortRanges", "destinationPortRange"),
)
"""Of each of these a rule has one."""


def rule(parent: str, name: str, sent: Json, others: list[Json]) -> None:
    """Refuse a rule that Azure refuses; second-hand: the texts. ``others``: those that it is to be beside."""
    place = f"{parent}/securityRules/{name}"
    _check_required(place, sent)
    priority = sent.get("priority")
    if not isinstance(priority, int) or not 100 <= priority <= 4096:
        text = f"Security rule has invalid Priority. Value provided: {priority} Allowed range 100-4096."
        raise network_error(400, "SecurityRuleInvalidPriority", text)
    for each in others:
        theirs = each.get("properties") or {}
        if (theirs.get("priority"), str(theirs.get("direction")).lower()) == (priority, str(sent["direction"]).lower()):
            text = f"Security rule {name} conflicts with rule {each.get('name')}. Rules cannot have the same Priority and Direction."
            raise network_error(400, "SecurityRuleConflict", text)


def _check_required(place: str, sent: Json) -> None:
    """second-hand: codes and texts (DetectionLab#479, sap-hana#135)."""
    for key in REQUIRED:
        if sent.get(key) is None:
            text = f"Required security rule parameter {key[0].upper()}{key[1:]} is missing for security rule with Id: {place}."
            raise network_error(400, "SecurityRuleParameterMissing", text)
    for keys in ANY_OF:
        if not any(sent.get(key) for key in keys):
            names = [f"{key[0].upper()}{key[1:]}" for key in keys]
            listed = f"{', '.join(names[:-1])}{',' if len(names) > 2 else ''} or {names[-1]}"
            text = f"Required security rule parameters are missing for security rule with Id: {place}. Security rule must specify {listed}."
            raise network_error(400, "SecurityRuleParametersMissing", text)


def route(parent: str, name: str, sent: Json, others: list[Json]) -> None:
    """Refuse a route that Azure refuses; unrecorded: codes and texts."""
    place, hop = f"{parent}/routes/{name}", sent.get("nextHopType")
    if not hop:
        raise network_error(400, "MissingNextHopType", f"Route {place} has no next hop type.")
    if not sent.get("addressPrefix"):
        raise network_error(400, "MissingAddressPrefix", f"Route {place} has no address prefix.")
    if (hop == "VirtualAppliance") != bool(sent.get("nextHopIpAddress")):
        text = f"Route {place}: an address of the next hop goes with the type VirtualAppliance, and with no other."
        raise network_error(400, "InvalidNextHopIpAddress", text)
    for each in others:
        if (each.get("properties") or {}).get("addressPrefix") == sent["addressPrefix"]:
            text = f"Route {name} has the address prefix of route {each.get('name')}. Two routes of a table cannot have the same."
            raise network_error(400, "RouteConflict", text)


def together(kind: str, parent: str, properties: Json) -> None:
    """Check the rules or routes of a whole group or table, each beside those before it."""
    check, name = {SECURITY: (rule, "securityRules"), TABLES: (route, "routes")}.get(kind, (None, ""))
    entries: list[Json] = properties.get(name) or []
    for place, each in enumerate(entries if check else []):
        assert check
        check(parent, str(each.get("name", "")), each.get("properties") or {}, entries[:place])
