# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Close the public access of a vault, by one write at both gates, once the private path is proven.

The proof is taken in the plan of the write: whatever an earlier task did, skipped or ignored, and however often a write has to be planned
again, nothing is written without it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ENDPOINT, NETWORK, ZONE
from .._errors import OptionError, Problem
from .._identity import ABOUT_VAULT
from .._options import Spec
from .._resources.keyvault import KeyVault, ObservedVault
from .._resources.resource import Known, Observed, Plan
from .._values import resource_id
from .._views.evidence import Dns, Evidence, Gates
from .._views.private_path import Verdict, judge, loses_access
from .._views.private_path_reading import Question, gates_of, read_evidence

if t.TYPE_CHECKING:
    from .._azure.clock import Clock
    from .._azure.world import World
    from .._module import Task

OPTIONS: Spec = {
    "endpoint_id": {"type": "str"},
    "virtual_network_ids": {"type": "list", "elements": "str"},
    "dns": {"type": "str", "choices": ["zone_group", "a_record", "policy", "none"], "default": "zone_group"},
    "zone_id": {"type": "str"},
    "proof": {"type": "raw"},  # whatever a task registered; what is no proof is told as such
    "accept_unproven_dns": {"type": "bool", "default": False},
}
_PATIENCE_SECONDS = 30.0  # for what Azure is still at work on, such as the endpoint's side of an approval
_CLOSED: Document = {"properties": {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny"}}}


class Refusal(Problem):
    """Public access stays as it is, with the fields that a later task branches on."""

    def __init__(self, message: str, *, hint: str, resource_id: str, details: Document) -> None:
        super().__init__(message, code="PrivatePathNotProven", hint=hint, resource_id=resource_id)
        self.details = details

    def fields(self) -> Document:
        """Return the usual fields, and what was read."""
        return {**super().fields(), **self.details}


@dataclasses.dataclass(frozen=True)
class ObservedAccess(ObservedVault):
    """before: the gates at the first look. evidence: what was read of the private path; verdict: what that shows."""

    before: Gates | None = None
    evidence: Evidence | None = None
    verdict: Verdict = dataclasses.field(default_factory=lambda: Verdict(()))


class ClosedKeyVault(KeyVault):
    """A vault whose public access is closed. It is written only where its private path is proven.

    rehearsal: what an earlier task of the run would have made may be missing.
    """

    observation = ObservedAccess

    def __init__(self, question: Question, clock: Clock, *, accept_unproven_dns: bool, rehearsal: bool) -> None:
        super().__init__(question.vault, _CLOSED)
        self.question = question
        self.accept_unproven_dns = accept_unproven_dns
        self.rehearsal = rehearsal
        self._clock = clock
        self._since = clock.elapsed()

    def read(self, world: World, known: Known) -> Observed:
        """Read the vault, and what shows whether its private path works."""
        return self._with_verdict(world, super().read(world, known))

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read it all again; the gates before are those of the first look."""
        return self._with_verdict(world, super().read_again(world, first, known))

    def _with_verdict(self, world: World, observed: Observed) -> Observed:
        seen = t.cast(ObservedAccess, observed)
        evidence = read_evidence(world, self.question, seen.document)
        verdict = judge(evidence, accept_unproven_dns=self.accept_unproven_dns)
        return dataclasses.replace(seen, before=seen.before or evidence.gates, evidence=evidence, verdict=verdict)

    def settled(self, observed: Observed) -> bool:
        """Wait for Azure a little, where only time is missing to the proof of an open vault."""
        waits = t.cast(ObservedAccess, observed).verdict.passing and not gates_of(observed.document or {}).closed
        in_time = self._clock.elapsed() - self._since < min(_PATIENCE_SECONDS, self._clock.seconds / 2)
        return super().settled(observed) and not (waits and in_time)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Plan the closing, or refuse. A vault without public access needs no proof: its firewall counts for nothing."""
        gates = gates_of(observed.document) if observed.document else None
        if gates is None and self.rehearsal:
            return Plan("none")
        if gates is None or not gates.closed:
            self._require_proof(t.cast(ObservedAccess, observed))
        at_rest = gates is None or gates.by_perimeter or (gates.closed and gates.denies)
        return Plan("none") if at_rest else super().plan(observed, known)

    def _require_proof(self, seen: ObservedAccess) -> None:
        reasons = seen.verdict.final(self.question.proof is not None) if self.rehearsal else seen.verdict.reasons
        if not reasons:
            return
        gates = seen.evidence.gates if seen.evidence else None
        details = {"reasons": [reason.rendered() for reason in seen.verdict.reasons], **(self._details(seen, gates) if gates else {})}
        message = f"Public access of {self.label} was not changed: {'; '.join(reason.message for reason in reasons)}"
        raise Refusal(message, hint=reasons[0].hint, resource_id=str(self.id), details=details)

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return how public access is, what it was, who loses access, and what proves the private path."""
        seen = t.cast(ObservedAccess, observed)
        gates = gates_of(observed.document) if observed.document else None
        details = self._details(seen, gates or Gates("Disabled", "Deny"))
        return {**super().facts(world, observed, exists), **details, "reasons": [reason.rendered() for reason in seen.verdict.reasons]}

    def _details(self, seen: ObservedAccess, now: Gates) -> Document:
        before, evidence, verdict = seen.before, seen.evidence, seen.verdict
        return {
            "public_network_access": now.public_network_access,
            "before": {"public_network_access": before.public_network_access, "network_acls": {"default_action": before.default_action}}
            if before
            else None,
            "loses_access": loses_access(before or now),
            "proven": verdict.proven and before is not None,
            "accepted": [reason.rendered() for reason in verdict.accepted],
            "proof": self._proof(seen),
            "private_ip_addresses": evidence.addresses if evidence else [],
            "foreign_addresses": evidence.foreign_addresses if evidence else [],
        }

    def _proof(self, seen: ObservedAccess) -> str:
        """Say what was read; in a rehearsal something may be missing that an earlier task of the run would create."""
        verdict = seen.verdict
        if self.rehearsal and seen.before is None:
            return "nothing to prove yet: a new vault is created without public access"
        if verdict.reasons:
            found = "; ".join(reason.message for reason in verdict.reasons)
            return (
                f"not proven yet: {found}; it is checked again before public access is disabled"
                if self.rehearsal
                else f"not proven: {found}"
            )
        accepted = [f"accepted without proof: {reason.message}" for reason in verdict.accepted]
        return "; ".join([*verdict.shown, *accepted])


def closing(task: Task) -> ClosedKeyVault:
    """Map the options of a closing to its resource."""
    zone = resource_id(task["zone_id"], "zone_id", ZONE) if task["zone_id"] else None
    dns = t.cast(Dns, task["dns"])
    if dns == "a_record" and zone is None:
        raise OptionError("zone_id", "required when dns is a_record; pass the id of the private DNS zone that contains the record.")
    if zone and dns in ("zone_group", "a_record") and zone.name.casefold() != task.world.cloud.vault_zone:
        raise OptionError(
            "zone_id",
            f"'{zone.name}' is not the private DNS zone of key vaults in "
            f"{task.world.cloud.name}; use a zone named '{task.world.cloud.vault_zone}'.",
        )
    listed = task["virtual_network_ids"]
    question = Question(
        vault=ABOUT_VAULT.of(task),
        dns=dns,
        endpoint=resource_id(task["endpoint_id"], "endpoint_id", ENDPOINT) if task["endpoint_id"] else None,
        zone=zone if dns != "none" else None,
        networks=None if listed is None else tuple(resource_id(item, "virtual_network_ids", NETWORK) for item in listed),
        proof=_proof(task["proof"]),
    )
    return ClosedKeyVault(question, task.world.clock, accept_unproven_dns=bool(task["accept_unproven_dns"]), rehearsal=task.check_mode)


def _proof(given: t.Any) -> Document | None:
    """Return the registered result, None where none was asked for; anything else than a mapping proves nothing."""
    return given if given is None or isinstance(given, dict) else {}
