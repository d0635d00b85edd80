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
from .._documents.ids import ENDPOINT, NETWORK, ZONE, ResourceId
from .._errors import OptionError, Problem
from .._identity import ABOUT_VAULT
from .._options import Spec
from .._resources.keyvault import KeyVault, ObservedVault
from .._resources.resource import Known, Observed, Plan
from .._values import resource_id
from .._views.evidence import Dns, Gates
from .._views.findings import Findings, findings_of
from .._views.locked_out import CallersQuestion
from .._views.private_path_reading import Question, gates_of
from .callers import callers_question

if t.TYPE_CHECKING:
    from .._azure.clock import Clock
    from .._azure.world import World
    from .._module import Task

OPTIONS: Spec = {
    "endpoint_id": {"type": "str"},
    "virtual_network_ids": {"type": "list", "elements": "str"},
    "dns": {"type": "str", "choices": ["zone_group", "a_record", "policy", "none"], "default": "zone_group"},
    "zone_id": {"type": "str"},
    "proof": {"type": "raw"},  # whatever a task registered; what is no proof is reported as such
    "accept_unproven_dns": {"type": "bool", "default": False},
    "callers_days": {"type": "int", "default": 0},
    "accepted_callers": {"type": "list", "elements": "str"},
}
_PATIENCE_SECONDS = 30.0  # for what Azure is still at work on, such as the endpoint's side of an approval
_CLOSED: Document = {"properties": {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny"}}}


class Refusal(Problem):
    """Public access stays as it is, with the fields that a later task branches on."""

    def __init__(self, message: str, *, code: str, hint: str, resource_id: str, details: Document) -> None:
        super().__init__(message, code=code, hint=hint, resource_id=resource_id)
        self.details = details

    def fields(self) -> Document:
        """Return the usual fields, and what was read."""
        return {**super().fields(), **self.details}


@dataclasses.dataclass(frozen=True)
class ObservedAccess(ObservedVault):
    """before: the gates at the first read. findings: what was read of the private paths, None where it was not read."""

    before: Gates | None = None
    findings: Findings | None = None


class ClosedKeyVault(KeyVault):
    """A vault whose public access is closed. It is written only where its private path is proven.

    questions: the private paths that have to work. callers: whose access counts.
    rehearsal: what an earlier task of the run would have made may be missing.
    """

    observation = ObservedAccess

    def __init__(
        self,
        vault: ResourceId,
        questions: t.Sequence[Question],
        clock: Clock,
        *,
        accept_unproven_dns: bool,
        rehearsal: bool,
        callers: CallersQuestion | None = None,
        **keywords: t.Any,
    ) -> None:
        super().__init__(vault, _CLOSED, **keywords)
        self.questions = tuple(questions)
        self.accept_unproven_dns = accept_unproven_dns
        self.rehearsal = rehearsal
        self.callers = callers or CallersQuestion()
        self._clock = clock
        self._since = clock.elapsed()

    def read(self, world: World, known: Known) -> Observed:
        """Read the vault, and what shows whether its private path works."""
        return self._with_verdict(world, super().read(world, known), known)

    def read_again(self, world: World, first: Observed, known: Known) -> Observed:
        """Read it all again; the gates before are those of the first read."""
        return self._with_verdict(world, super().read_again(world, first, known), known)

    def _with_verdict(self, world: World, observed: Observed, known: Known) -> Observed:
        seen = t.cast(ObservedAccess, observed)
        found = findings_of(world, self.asked(known), seen.document, accept_unproven_dns=self.accept_unproven_dns)
        # the log is asked once: it tells of days, not of what changes while the task waits or has closed the vault
        callers = (seen.findings.callers if seen.findings else None) or self.callers.read(world, self.id, found.gates)
        return dataclasses.replace(seen, before=seen.before or found.gates, findings=dataclasses.replace(found, callers=callers))

    def asked(self, known: Known) -> t.Sequence[Question]:
        """Return the private paths that have to work."""
        return self.questions

    def is_rehearsed(self, known: Known) -> bool:
        """Return whether something may be missing that is not made yet."""
        return self.rehearsal

    def settled(self, observed: Observed) -> bool:
        """Wait for Azure a little, where only time is missing to the proof of an open vault."""
        found = t.cast(ObservedAccess, observed).findings
        waits = found is not None and found.verdict.passing and not gates_of(observed.document or {}).closed
        in_time = self._clock.elapsed() - self._since < min(_PATIENCE_SECONDS, self._clock.seconds / 2)
        return super().settled(observed) and not (waits and in_time)

    def plan(self, observed: Observed, known: Known) -> Plan:
        """Plan the closing, or refuse. A vault without public access needs no proof: its firewall counts for nothing."""
        gates, rehearsal = gates_of(observed.document) if observed.document else None, self.is_rehearsed(known)
        if gates is None and rehearsal:
            return Plan("none")
        if gates is None or not gates.closed:
            self._require_proof(t.cast(ObservedAccess, observed), rehearsal)
        at_rest = gates is None or gates.by_perimeter or (gates.closed and gates.denies)
        return Plan("none") if at_rest else super().plan(observed, known)

    def _require_proof(self, seen: ObservedAccess, rehearsal: bool) -> None:
        found = seen.findings or Findings()
        reasons = found.final() if rehearsal else found.reasons
        if not reasons:
            return
        gates = found.gates
        details = {
            "reasons": [reason.rendered() for reason in found.reasons],
            **(found.result(seen.before, gates, rehearsal=self.rehearsal) if gates else {}),
        }
        message = f"Public access of {self.label} was not changed: {'; '.join(reason.message for reason in reasons)}"
        code = "CallersWouldLoseAccess" if all(reason.id.startswith("callers") for reason in reasons) else "PrivatePathNotProven"
        raise Refusal(message, code=code, hint=reasons[0].hint, resource_id=str(self.id), details=details)

    def facts(self, world: World, observed: Observed, exists: bool) -> Document:
        """Return how public access is, what it was, who loses access, and what proves the private path."""
        seen = t.cast(ObservedAccess, observed)
        found = seen.findings or Findings()
        now = gates_of(observed.document) if observed.document else Gates("Disabled", "Deny")
        details = found.result(seen.before, now, rehearsal=self.rehearsal)
        return {**super().facts(world, observed, exists), **details, "reasons": [reason.rendered() for reason in found.reasons]}


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
    return ClosedKeyVault(
        question.vault,
        [question],
        task.world.clock,
        accept_unproven_dns=bool(task["accept_unproven_dns"]),
        rehearsal=task.check_mode,
        callers=callers_question(task["callers_days"], task["accepted_callers"]),
    )


def _proof(given: t.Any) -> Document | None:
    """Return the registered result, None where none was requested; anything else than a mapping proves nothing."""
    return given if given is None or isinstance(given, dict) else {}
