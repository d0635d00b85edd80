# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a task's registered result proves, from a host inside, that a vault is reached over its private endpoint. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.vault_address import host_of_uri

_RUN = "Run keyvault_probe_info on a host inside the network, register its result, and pass that as proof."


@dataclasses.dataclass(frozen=True)
class Fault:
    """Why a result is no proof, and what to do."""

    message: str
    hint: str


def proof_fault(proof: Document, host: str, addresses: t.Sequence[str]) -> Fault | None:
    """Return why a registered result does not prove the path, None where it does.

    Only a result that itself says proven, for this host and at these addresses, is one. A task that was skipped, failed, or met a host
    that cannot be reached registers a result, too. Of a loop every item has to be a proof; of a probe of many vaults, that of this one.
    """
    items = proof.get("results")
    if items is None:
        return _fault(proof, host, addresses)
    if not isinstance(items, list) or not items:
        return _unfinished(proof) or Fault("the probe has no results", _RUN)
    parts = [item if isinstance(item, dict) else {} for item in items]
    if "proven" in proof:  # the result of one task about many vaults, and not of a loop
        own = [part for part in parts if probed_host(part) == host.casefold()]
        return _unfinished(proof) or (_fault(own[0], host, addresses) if own else Fault(f"the probe did not check '{host}'", _RUN))
    return next((fault for fault in (proof_fault(part, host, addresses) for part in parts) if fault), None)


def probed_host(proof: t.Mapping[str, t.Any]) -> str:
    """Return the host that the result of a probe is about, in lower case."""
    return host_of_uri(str(proof.get("id") or ""))


def items_of(proof: Document) -> list[Document]:
    """Return the results about single vaults in a result: of a loop, and of a task about many vaults."""
    results = proof.get("results")
    if not isinstance(results, list):
        return [proof]
    return [item for each in results if isinstance(each, dict) for item in items_of(each)]


@dataclasses.dataclass(frozen=True)
class Spoken:
    """Which networks proofs speak for. network_ids: those that they name, in lower case. unnamed: whether one of them names none."""

    network_ids: frozenset[str] = frozenset()
    unnamed: bool = False

    def among(self, asked: t.Collection[str]) -> frozenset[str]:
        """Return the networks that are proven, of those in question: a proof that names none speaks for the only one that is left."""
        left = frozenset(asked) - self.network_ids
        return self.network_ids | (left if self.unnamed and len(left) == 1 else frozenset())


def spoken_for(proof: Document, host: str) -> Spoken:
    """Return which networks the results about a vault speak for, of a proof without a fault."""
    named = [folded(item.get("virtual_network_id")) for item in items_of(proof) if probed_host(item) == host.casefold()]
    return Spoken(frozenset(named) - {""}, "" in named)


def folded(network_id: t.Any) -> str:
    """Return the id of a network in the form in which ids are compared, empty where there is none."""
    return str(network_id or "").rstrip("/").casefold()


def _fault(proof: Document, host: str, addresses: t.Sequence[str]) -> Fault | None:
    unfinished = _unfinished(proof)
    if unfinished:
        return unfinished
    if proof.get("proven") is not True:
        message = str(proof.get("msg") or "the probe did not prove the private path").rstrip(".")
        return Fault(message, str(proof.get("hint") or _RUN))
    probed = probed_host(proof)
    if probed != host.casefold():
        return Fault(f"the probe checked '{probed}', not '{host}'", _RUN)
    found = proof.get("ip_addresses")
    reached = [str(address) for address in found] if isinstance(found, list) else []
    if not addresses or not set(addresses) & set(reached):
        message = (
            f"the probe reached '{host}' at {', '.join(reached) or 'no address'}, not at its "
            f"private endpoint ({', '.join(addresses) or 'no address'})"
        )
        return Fault(message, _RUN)
    return None


def _unfinished(proof: Document) -> Fault | None:
    """A probe that did not run to its end proves nothing, whatever else its result holds."""
    if not proof:
        return Fault("the vault was not probed from inside", _RUN)
    detail = str(proof.get("msg") or "").rstrip(".")
    for word, message in (
        ("unreachable", "the probe host is unreachable"),
        ("failed", "the probe failed"),
        ("skipped", "the probe was skipped"),
    ):
        if proof.get(word):
            return Fault(f"{message} ({detail})" if detail else message, _RUN)
    return None
