# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shows whether the private paths of a vault work, all its endpoints together, and how a result shows it."""

from __future__ import annotations

import dataclasses
import typing as t

from .._documents.compare import Document
from .._documents.ids import ResourceId
from .evidence import Evidence, Gates, Shadow
from .locked_out import LockedOut
from .private_path import Reason, Verdict, in_question, judge, loses_access
from .private_path_reading import Question, read_evidence
from .surroundings import Surroundings

if t.TYPE_CHECKING:
    from .._azure.world import World


@dataclasses.dataclass(frozen=True)
class Findings:
    """evidence: of each private path that has to work. verdict: on all of them. callers: who would be locked out, None if not asked."""

    evidence: tuple[Evidence, ...] = ()
    verdict: Verdict = dataclasses.field(default_factory=lambda: Verdict(()))
    callers: LockedOut | None = None

    @property
    def gates(self) -> Gates | None:
        """Return the gates of the vault, None where there is no vault."""
        return self.evidence[0].gates if self.evidence else None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return all that speaks against closing."""
        return (*self.verdict.reasons, *(self.callers.reasons if self.callers else ()))

    def final(self) -> tuple[Reason, ...]:
        """Return the reasons that no earlier task of the run can mend: a rehearsal refuses on these alone."""
        probed = any(each.proof is not None for each in self.evidence)
        return (*self.verdict.final(probed), *(self.callers.reasons if self.callers else ()))

    def result(self, before: Gates | None, now: Gates, *, rehearsal: bool) -> Document:
        """Return how public access is, what it was, who loses access, and what proves the private path.

        rehearsal: something may be missing that an earlier task of the run would create.
        """
        return {
            "public_network_access": now.public_network_access,
            "before": {"public_network_access": before.public_network_access, "network_acls": {"default_action": before.default_action}}
            if before
            else None,
            "loses_access": loses_access(before or now),
            "proven": self.verdict.proven and before is not None,
            "accepted": [reason.rendered() for reason in self.verdict.accepted],
            "proof": self.proof(new=before is None, rehearsal=rehearsal),
            "private_ip_addresses": list(dict.fromkeys(each for found in self.evidence for each in found.addresses)),
            "callers": self.callers.result() if self.callers else None,
            "foreign_addresses": list(dict.fromkeys(each for found in self.evidence for each in found.foreign_addresses)),
        }

    def proof(self, *, new: bool, rehearsal: bool) -> str:
        """Say what was read. new: the vault does not exist yet."""
        if rehearsal and new:
            return "nothing to prove yet: a new vault is created without public access"
        if self.verdict.reasons:
            found = "; ".join(reason.message for reason in self.verdict.reasons)
            return f"not proven yet: {found}; it is checked again before public access is disabled" if rehearsal else f"not proven: {found}"
        accepted = [f"accepted without proof: {reason.message}" for reason in self.verdict.accepted]
        return "; ".join([*self.verdict.shown, *accepted])


def findings_of(world: World, questions: t.Iterable[Question], vault: Document | None, *, accept_unproven_dns: bool) -> Findings:
    """Return what there is about each question. vault: its document, read just before."""
    evidence = _with_shadows(world, [read_evidence(world, question, vault) for question in questions])
    asked = {network for each in evidence for network in in_question(each)}
    verdicts = [judge(each, accept_unproven_dns=accept_unproven_dns, asked=asked) for each in evidence]
    together = Verdict(
        reasons=tuple({(each.id, each.message): each for one in verdicts for each in one.reasons}.values()),
        accepted=tuple({(each.id, each.message): each for one in verdicts for each in one.accepted}.values()),
        shown=tuple(dict.fromkeys(each for one in verdicts for each in one.shown)),
    )
    return Findings(evidence, together)


def _with_shadows(world: World, read: t.Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Add the zones that hide the vault's record from its networks, which are looked for only while the vault has public access to lose."""
    zones = [zone.id for known in read for zone in known.zones]
    networks = [network.id for known in read for network in known.networks]
    if not networks or read[0].gates is None or read[0].gates.closed:
        return tuple(read)
    ids = [found for each in (read[0].vault_id, *zones, *networks) if (found := ResourceId.parse(each))]
    subscriptions = dict.fromkeys(each.subscription for each in ids)
    around = Surroundings(world, hosts=[read[0].host], subscriptions=subscriptions, zone_ids=zones, network_ids=())
    return tuple(dataclasses.replace(known, shadows=_shadows(around, known)) for known in read)


def _shadows(around: Surroundings, known: Evidence) -> tuple[Shadow, ...]:
    addresses = {*known.others, *(address for path in known.paths for address in path.addresses)}
    return around.shadows([each.id for each in known.networks], known.host, addresses, known.zones)
