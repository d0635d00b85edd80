# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the private path to a vault works, judged from what was read. Pure: nothing here asks Azure or a host.

The control plane can show that a connection works on both sides, that the zone holds the endpoint's address under the vault's name, and
that a network which asks Azure's DNS sees the zone. It cannot show what a custom DNS server answers; only a probe can.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document, at
from .._documents.ids import same_id
from .._documents.states import next_step
from .evidence import Evidence, Gates, Network, Path, Shadow, Zone, named
from .proof import Spoken, folded, proof_fault, spoken_for

# open: an earlier task of the same run may still mend it. fixed: none can. unknown: the control plane cannot tell; a probe can.
Kind = t.Literal["open", "fixed", "unknown"]
_LOCATED = ("zone_group", "a_record", "policy")
_PROBE = "Pass the result of keyvault_probe_info from a host inside the network as proof"
_ACCEPT = "or set accept_unproven_dns: true if you know that the networks resolve the name to the private address."


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why the private path is not proven: a word to branch on, what was found, and what to do. passing: Azure is at work on it.

    check: the check of check_catalogue that it speaks against, empty for what only a closing asks. unread: it could not be read.
    resource_ids: what it is about. network_ids: of what only a probe can tell, the networks that have to be probed.
    """

    id: str
    message: str
    hint: str
    kind: Kind = "open"
    passing: bool = False
    check: str = ""
    unread: bool = False
    resource_ids: tuple[str, ...] = ()
    network_ids: tuple[str, ...] = ()

    def rendered(self) -> Document:
        """Return the reason as a result shows it."""
        return {"id": self.id, "message": f"{self.message}.", "hint": self.hint}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """
    reasons: what speaks against the path. accepted: what the control plane cannot know and the user answers for. shown: what speaks for it.
    """

    reasons: tuple[Reason, ...]
    accepted: tuple[Reason, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Return whether the path is proven, by reading or by a probe; what was only accepted is not."""
        return not self.reasons and not self.accepted

    @property
    def may_close(self) -> bool:
        """Return whether public access may be closed."""
        return not self.reasons

    @property
    def passing(self) -> bool:
        """Return whether only time is missing: Azure is at work on all that speaks against the path."""
        return bool(self.reasons) and all(reason.passing for reason in self.reasons)

    def final(self, proof_asked: bool) -> tuple[Reason, ...]:
        """Return the reasons that no earlier task of the run can mend: a rehearsal refuses on these alone."""
        return tuple(reason for reason in self.reasons if reason.kind == "fixed" or (reason.kind == "unknown" and not proof_asked))


def judge(evidence: Evidence, *, accept_unproven_dns: bool = False, asked: t.Collection[str] = ()) -> Verdict:
    """Return what speaks for and against the private path. Nothing that was not read, or is not known, speaks for it.

    asked: what in_question() returns of all evidence that one proof has to do with, if that is more than this.
    """
    if evidence.gates is None:
        return Verdict((_no_vault(evidence),))
    fault = proof_fault(evidence.proof, evidence.host, evidence.addresses) if evidence.proof is not None else None
    found = _found(evidence)
    if fault:
        found.append(Reason("probe", fault.message, fault.hint))
    known = tuple(reason for reason in found if reason.kind != "unknown")
    unknown = tuple(reason for reason in found if reason.kind == "unknown")
    probed = evidence.proof is not None and fault is None
    if evidence.proof is not None and probed:
        unknown = unproven(unknown, spoken_for(evidence.proof, evidence.host), asked)
    accepted = unknown if accept_unproven_dns else ()
    return Verdict(known + (() if accept_unproven_dns else unknown), accepted, _shown(evidence, probed) if not known else ())


def _found(evidence: Evidence) -> list[Reason]:
    return [*_connections(evidence), *_names(evidence), *_resolution(evidence)]


def in_question(evidence: Evidence) -> frozenset[str]:
    """Return the networks of which only a probe can tell whether they resolve the vault's name, by id in lower case."""
    return in_question_of(_found(evidence)) if evidence.gates is not None else frozenset()


def in_question_of(reasons: t.Iterable[Reason]) -> frozenset[str]:
    """Return the networks that reasons of kind unknown are about, by id in lower case."""
    return frozenset(folded(each) for reason in reasons if reason.kind == "unknown" for each in reason.network_ids)


def unproven(reasons: t.Sequence[Reason], spoken: Spoken, asked: t.Collection[str] = ()) -> tuple[Reason, ...]:
    """Return the reasons of kind unknown that proofs leave: a proof clears what it speaks of, and nothing about another network."""
    proven = spoken.among({*asked, *in_question_of(reasons)})
    left = ((reason, [each for each in reason.network_ids if folded(each) not in proven]) for reason in reasons)
    return tuple(dataclasses.replace(reason, hint=_other_network(networks)) for reason, networks in left if networks)


def _other_network(network_ids: t.Iterable[str]) -> str:
    names = ", ".join(f"'{each.rstrip('/').rpartition('/')[2]}'" for each in network_ids)
    return (
        f"The proof does not speak for virtual network {names}: pass a result of keyvault_probe_info from a host in each network, with "
        f"virtual_network_id, as proof, {_ACCEPT}"
    )


def loses_access(gates: Gates) -> Document:
    """Return who comes in over the public endpoint now and will not any more.

    Trusted services that the firewall lets bypass keep their access: Disabled does not shut them out, only SecuredByPerimeter does.
    Source: Azure's page "Configure network security for Azure Key Vault", section on restrictions and limitations.
    """
    if gates.closed:
        return {"public_clients": False, "ip_rules": [], "virtual_network_rules": [], "trusted_services": False}
    return {
        "public_clients": not gates.denies,
        "ip_rules": list(gates.ip_rules),
        "virtual_network_rules": list(gates.subnet_ids),
        "trusted_services": gates.bypass.casefold() != "azureservices" and not gates.denies,
    }


def _no_vault(evidence: Evidence) -> Reason:
    return Reason(
        "vault", f"key vault '{evidence.vault_id}' was not found", "Correct the vault's id; a new vault is created without public access."
    )


def _connections(evidence: Evidence) -> t.Iterator[Reason]:
    """Both sides of each connection, and the address behind it."""
    if not evidence.paths:
        yield Reason(
            "connection",
            "the vault has no approved private endpoint connection",
            "Create a private endpoint, and ask the vault's owner to approve it.",
            check="endpoint_exists",
            resource_ids=(evidence.vault_id,),
        )
    for path in evidence.paths:
        if not path.exists:
            yield Reason(
                "endpoint",
                f"{path.label} was not found",
                "Create it first; it may have been deleted although the vault still lists its connection.",
                check="endpoint_exists",
                resource_ids=path.ids,
            )
            continue
        if path.error:
            hint = "Use credentials that may read the endpoint and its network interface."
            message = f"{path.label} is not readable ({path.error})"
            yield Reason("endpoint", message, hint, "fixed", check="endpoint_provisioned", unread=True, resource_ids=path.ids)
            continue
        yield from _sides(evidence, path)
        if not path.addresses:
            hint = "Run again when its network interface has one."
            message = f"{path.label} has no private address yet"
            yield Reason("address", message, hint, check="endpoint_provisioned", resource_ids=path.ids)


def _sides(evidence: Evidence, path: Path) -> t.Iterator[Reason]:
    if path.leads_to is not None and not same_id(path.leads_to, evidence.vault_id):
        hint = "Pass the private endpoint of this vault as endpoint_id."
        message = f"{path.label} connects to '{path.leads_to}', not to this vault"
        yield Reason("connection", message, hint, "fixed", check="connection_approved", resource_ids=path.ids)
        return
    sides = (("vault", path.vault_state, path.vault_provisioning), ("endpoint", path.endpoint_state, path.endpoint_provisioning))
    for side, state, provisioning in sides:
        if state is None:
            yield Reason(
                "connection",
                f"the {side}'s side has no connection of {path.label}",
                "Recreate the private endpoint, or set recreate: true.",
                check="connection_approved",
                resource_ids=path.ids,
            )
        elif state != "Approved":
            # the endpoint learns of an approval some seconds after the vault
            learning = side == "endpoint" and state == "Pending" and path.vault_state == "Approved"
            decide = next_step(state)["hint"] or "Ask the vault's owner to approve it."
            hint = "Run again when Azure has told the endpoint of the approval." if learning else str(decide)
            message = f"the connection of {path.label} is {state} on the {side}'s side"
            yield Reason("connection", message, hint, passing=learning, check="connection_approved", resource_ids=path.ids)
        elif provisioning != "Succeeded":
            where = f"on the {side}'s side the connection of {path.label} is {provisioning or 'in an unknown provisioning state'}"
            hint = "Wait until Azure is done; run the task of a failed endpoint again to repair it."
            passing = provisioning not in (None, "Failed", "Canceled")
            message = f"{where}, not Succeeded"
            yield Reason("connection", message, hint, passing=passing, check="endpoint_provisioned", resource_ids=path.ids)


def _names(evidence: Evidence) -> t.Iterator[Reason]:
    """Check the record: the zone with the right name contains the endpoint's address and no other."""
    if evidence.dns == "none":
        message = "Azure's control plane does not know how the vault's name resolves (dns: none)"
        yield Reason("dns", message, f"{_PROBE}, {_ACCEPT}", "unknown", network_ids=_all_networks(evidence))
        return
    for path in evidence.paths:
        yield from _group(evidence, path)
    for zone in evidence.zones:
        yield from _record(evidence, zone)


def _all_networks(evidence: Evidence) -> tuple[str, ...]:
    return tuple(network.id for network in evidence.networks)


def _group(evidence: Evidence, path: Path) -> t.Iterator[Reason]:
    if evidence.dns == "a_record" or not path.exists or path.error:
        return
    if path.group_error:
        message, hint = f"the DNS zone group of {path.label} is not readable ({path.group_error})", f"{_PROBE}, {_ACCEPT}"
        about: t.Any = {"resource_ids": path.ids, "network_ids": _all_networks(evidence)}
        yield Reason("zone_group", message, hint, "unknown", check="record_exists", unread=True, **about)
    elif not path.group_zone_ids:
        hint = "Create it with private_dns_zone_ids, let Azure Policy create it, or write the record and set dns: a_record."
        yield Reason("zone_group", f"{path.label} has no DNS zone group", hint, check="record_exists", resource_ids=path.ids)
    elif evidence.zone_id and not any(same_id(zone, evidence.zone_id) for zone in path.group_zone_ids):
        yield Reason(
            "zone_group",
            f"the DNS zone group of {path.label} does not use zone '{evidence.zone_id}'",
            "Write the zone group again with this zone.",
            check="record_exists",
            resource_ids=path.ids,
        )
    elif not any(named(zone, evidence.vault_zone) for zone in path.group_zone_ids):
        names = ", ".join(sorted({zone.rstrip("/").rpartition("/")[2] for zone in path.group_zone_ids}))
        where = f"the DNS zone group of {path.label} uses {names}, not '{evidence.vault_zone}'"
        hint = f"Attach a zone named '{evidence.vault_zone}'."
        yield Reason("zone_name", where, hint, check="zone_exists", resource_ids=path.group_zone_ids)


def _record(evidence: Evidence, zone: Zone) -> t.Iterator[Reason]:
    if not named(zone.id, evidence.vault_zone):
        where = f"zone '{zone.name}' is not the private link zone of key vaults"
        hint = f"Use a zone named '{evidence.vault_zone}'."
        yield Reason("zone_name", where, hint, "fixed", check="zone_exists", resource_ids=(zone.id,))
        return
    if zone.error:
        message, hint = f"zone '{zone.id}' is not readable ({zone.error})", f"{_PROBE}, {_ACCEPT}"
        about: t.Any = {"resource_ids": (zone.id,), "network_ids": _all_networks(evidence)}
        yield Reason("zone", message, hint, "unknown", check="zone_exists", unread=True, **about)
        return
    if not zone.exists:
        message = f"private DNS zone '{zone.id}' was not found"
        yield Reason("zone", message, "Create the zone, or correct its id.", check="zone_exists", resource_ids=(zone.id,))
        return
    name, wanted = f"record '{evidence.record}' in zone '{zone.name}'", _expected(evidence, zone)
    current, record = zone.addresses or (), (f"{zone.id}/A/{evidence.record}",)
    if not current:
        hint = "Write the record, or write the endpoint's DNS zone group again."
        yield Reason("record", f"{name} does not exist", hint, check="record_exists", resource_ids=record)
    elif wanted and not set(wanted) <= set(current):
        message = f"{name} contains {', '.join(current)}, not the endpoint's address {', '.join(wanted)}"
        hint = "Correct the record, or write the endpoint's DNS zone group again."
        yield Reason("record", message, hint, check="record_address", resource_ids=record)
    elif foreign := [address for address in evidence.foreign_addresses if address in current]:
        message = f"{name} also contains {', '.join(foreign)}, which no approved private endpoint of this vault has"
        hint = "Remove these addresses from the record, or use a separate zone for each network."
        yield Reason("foreign_addresses", message, hint, check="record_alone", resource_ids=record)


def _expected(evidence: Evidence, zone: Zone) -> list[str]:
    """Return the addresses that a zone has to hold: with zone groups, those of the endpoints whose group writes into it."""
    if evidence.dns == "a_record":
        return evidence.addresses
    writers = [path for path in evidence.paths if any(same_id(zone.id, other) for other in path.group_zone_ids or ())]
    return [address for path in writers for address in path.addresses]


def _resolution(evidence: Evidence) -> t.Iterator[Reason]:
    """Each network asks Azure's DNS and is linked to the zone; what asks servers of its own is not known."""
    if evidence.dns == "none":
        return
    if not evidence.networks and evidence.paths and all(path.exists and not path.error for path in evidence.paths):
        yield Reason("networks", "no virtual network is given that must resolve the vault's name", f"{_PROBE}, {_ACCEPT}", "unknown")
    readable = [zone for zone in evidence.zones if not zone.error]
    for network in evidence.networks:
        if not network.exists:
            message = f"virtual network '{network.id}' was not found"
            yield Reason("network", message, "Correct virtual_network_ids.", check="zone_linked", resource_ids=(network.id,))
        elif network.asks_azure is None:
            message = f"the DNS servers of virtual network '{network.name}' are not readable ({network.error})"
            yield _dns_servers(network, message, unread=True)
        elif not network.asks_azure:
            servers = ", ".join(network.dns_servers)
            message = (
                f"virtual network '{network.name}' uses custom DNS servers ({servers}), and the control plane does not know their answers"
            )
            yield _dns_servers(network, message)
        else:
            shadows = [shadow for shadow in evidence.shadows if same_id(shadow.network_id, network.id)]
            yield from (_shadowed(network, shadow) for shadow in shadows)
            instead = any(named(shadow.zone_id, evidence.vault_zone) for shadow in shadows)
            if evidence.zones and len(readable) == len(evidence.zones) and not instead:
                yield from _link(network, readable)


def _dns_servers(network: Network, message: str, *, unread: bool = False) -> Reason:
    about: t.Any = {"resource_ids": (network.id,), "network_ids": (network.id,)}
    return Reason("dns_servers", message, f"{_PROBE}, {_ACCEPT}", "unknown", check="forwarders", unread=unread, **about)


def _shadowed(network: Network, shadow: Shadow) -> Reason:
    zone = shadow.zone_id.rpartition("/")[2]
    if shadow.error:
        message = f"virtual network '{network.name}' is linked to zone '{shadow.zone_id}', whose records are not readable ({shadow.error})"
        about: t.Any = {"resource_ids": (shadow.zone_id, shadow.network_id), "network_ids": (shadow.network_id,)}
        return Reason("shadow", message, f"{_PROBE}, {_ACCEPT}", "unknown", check="zone_not_shadowed", unread=True, **about)
    return Reason(
        "shadow",
        f"virtual network '{network.name}' is linked to zone '{shadow.zone_id}', which answers for the vault without its private address",
        f"Delete the link of zone '{zone}' to the network, or write the vault's record into this zone, too.",
        check="zone_not_shadowed",
        resource_ids=(shadow.zone_id, shadow.network_id),
    )


def _link(network: Network, zones: t.Sequence[Zone]) -> t.Iterator[Reason]:
    links = [(zone, link) for zone in zones for link in zone.links if same_id(link.network_id, network.id)]
    if any(link.state == "Completed" and link.provisioning == "Succeeded" for _zone, link in links):
        return
    if not links:
        names = " or ".join(f"'{zone.name}'" for zone in zones) or "the zone"
        yield Reason(
            "link",
            f"virtual network '{network.name}' is not linked to zone {names}",
            "Link the zone to the network after the record exists.",
            check="zone_linked",
            resource_ids=(network.id, *(each.id for each in zones)),
        )
        return
    # none of them works yet: all are named, and it is worth waiting while Azure is at work on any
    states = " and ".join(
        f"the link of zone '{zone.name if len(links) == 1 else zone.id}' to virtual network '{network.name}' is "
        f"{link.provisioning if link.state == 'Completed' else link.state or link.provisioning}"
        for zone, link in links
    )
    hint, passing = "Wait until Azure has completed the link, or write it again.", any(link.state == "InProgress" for _zone, link in links)
    ids = (network.id, *dict.fromkeys(zone.id for zone, _link in links))
    yield Reason("link", f"{states}, not Completed", hint, passing=passing, check="zone_linked", resource_ids=ids)


def _shown(evidence: Evidence, probed: bool) -> tuple[str, ...]:
    """Return what was read in favour of the path."""
    shown = [f"{path.label} is Approved and Succeeded on both sides, at {', '.join(path.addresses)}" for path in evidence.paths]
    for zone in evidence.zones:
        if zone.addresses:
            linked = [network.name for network in evidence.networks if any(same_id(link.network_id, network.id) for link in zone.links)]
            where = f", linked to {', '.join(linked)}" if linked else ""
            shown.append(f"record '{evidence.record}' in zone '{zone.name}' contains {', '.join(zone.addresses)}{where}")
    if probed:
        shown.append(str(at(evidence.proof, "msg") or f"a probe reached '{evidence.host}' over the private path").rstrip("."))
    return tuple(shown)
